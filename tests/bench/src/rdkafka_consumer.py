"""Reads a topic from its start as fast as librdkafka gives it; prints MB/s."""

import sys
import time

from confluent_kafka import Consumer

# A broker that gives nothing for so long has nothing more.
PATIENCE_S = 30
# What one call to librdkafka returns at most: large enough that Python's part is small.
AT_ONCE = 10_000

address, topic, records = sys.argv[1:]
missing = int(records)
consumer = Consumer({
    "bootstrap.servers": address,
    "group.id": topic,
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
})
consumer.subscribe([topic])
size, began = 0, None
while missing > 0:
    messages = consumer.consume(min(AT_ONCE, missing), timeout=PATIENCE_S)
    if not messages:
        sys.exit(f"{missing} records are missing")
    if began is None:
        # Joining the group is not reading.
        began = time.perf_counter()
        missing -= len(messages)
        continue
    for message in messages:
        if message.error() is not None:
            sys.exit(str(message.error()))
        size += len(message.value())
    missing -= len(messages)
print(size / 1e6 / (time.perf_counter() - began))
consumer.close()
