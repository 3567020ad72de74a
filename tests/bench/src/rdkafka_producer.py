"""Produces as fast as librdkafka takes it; prints MB/s and the 50th, 99th and 99.9th percentile in ms."""

import sys
import time

from confluent_kafka import Producer

address, topic, records, size, acks, batch, compression = sys.argv[1:]
records, value = int(records), b"x" * int(size)
producer = Producer({
    "bootstrap.servers": address,
    "acks": acks,
    "batch.size": int(batch),
    "compression.type": compression,
    "queue.buffering.max.messages": 100_000,
})
latencies = []


def delivered(error, message):
    if error is not None:
        sys.exit(str(error))
    latencies.append(message.latency() * 1000)


began = time.perf_counter()
for _ in range(records):
    while True:
        try:
            producer.produce(topic, value, on_delivery=delivered)
            break
        except BufferError:
            producer.poll(0.01)
    producer.poll(0)
if producer.flush(60):
    sys.exit("not everything was delivered")
took = time.perf_counter() - began

latencies.sort()
if len(latencies) != records:
    sys.exit(f"{len(latencies)} of {records} delivered")
at = [latencies[round((records - 1) * share)] for share in (0.5, 0.99, 0.999)]
print(records * len(value) / 1e6 / took, *at)
