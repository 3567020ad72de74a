"""Retention and compaction, as a consumer sees them."""

import pytest
from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

import kit
from millrace import BASE, eventually


def watermarks(topic, servers=None):
    client = kit.consumer(servers=servers)
    try:
        return client.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    finally:
        client.close()


def read_all(topic, servers=None):
    """What stands in the partition now, gaps and all."""
    client = kit.consumer(servers=servers, enable_partition_eof=True)
    client.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    messages = []

    def finished():
        message = client.poll(0.5)
        if message is None:
            return False
        if message.error():
            return message.error().code() == KafkaError._PARTITION_EOF
        messages.append(message)
        return False

    eventually(finished, "the end of the partition")
    client.close()
    return messages


def test_old_segments_go_by_time():
    config = {"retention.ms": "1800000", "segment.ms": "100", "segment.bytes": "1048576"}
    topic = kit.create_topic(config=config)
    client = kit.producer()
    kit.produce(client, topic, [{"value": str(i), "timestamp": BASE} for i in range(10)])

    def old_are_gone():
        # Each new record is fresh: it rolls the segment before it, and stays.
        kit.produce(client, topic, [{"value": b"fresh"}])
        return watermarks(topic)[0] >= 10

    eventually(old_are_gone, "retention")
    assert {m.value() for m in read_all(topic)} == {b"fresh"}


def test_old_segments_go_by_size():
    config = {"retention.bytes": "2100000", "segment.bytes": "1048576"}
    topic = kit.create_topic(config=config)
    records = [{"value": str(i).ljust(50_000)} for i in range(120)]
    kit.produce(kit.producer(batch_size=60_000), topic, records)
    low = eventually(lambda: watermarks(topic)[0], "retention")
    assert watermarks(topic)[1] == 120
    assert low < 120 - 2_100_000 // 50_200
    messages = kit.read_from(topic, OFFSET_BEGINNING, 20)
    assert messages[0].offset() == watermarks(topic)[0]


def compacted_topic(servers=None, **config):
    base = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": "600000",
    }
    return kit.create_topic(config={**base, **config}, servers=servers)


def until_compacted(topic, client, done, servers=None):
    """Rolls segments with a record of its own until `done` likes what stands in the topic."""

    def compacted():
        kit.produce(client, topic, [{"key": b"roll", "value": b"roll"}])
        messages = [m for m in read_all(topic, servers) if m.key() != b"roll"]
        return done(messages) and messages

    return eventually(compacted, "compaction")


def test_compaction_keeps_the_last_of_every_key():
    topic, client = compacted_topic(), kit.producer()
    for round_number in range(5):
        records = [{"key": f"k{k}", "value": f"{k}-{round_number}"} for k in range(20)]
        kit.produce(client, topic, records)
    messages = until_compacted(topic, client, lambda found: len(found) == 20)
    assert {m.key().decode(): m.value().decode() for m in messages} == {
        f"k{k}": f"{k}-4" for k in range(20)
    }
    assert [m.offset() for m in messages] == list(range(80, 100))


def test_compaction_of_compressed_batches():
    topic, client = compacted_topic(), kit.producer(compression_type="zstd", linger_ms=50)
    records = [{"key": f"k{i % 10}", "value": str(i), "headers": {"n": str(i)}} for i in range(200)]
    kit.produce(client, topic, records)
    messages = until_compacted(topic, client, lambda found: len(found) == 10)
    assert [int(m.value()) for m in messages] == list(range(190, 200))
    assert [m.headers() for m in messages] == [[("n", str(i).encode())] for i in range(190, 200)]


def test_tombstones_take_their_key_with_them():
    topic, client = compacted_topic(**{"delete.retention.ms": "0"}), kit.producer()
    kit.produce(client, topic, [{"key": f"k{k}", "value": "v"} for k in range(4)])
    kit.produce(client, topic, [{"key": "k1", "value": None}, {"key": "k2", "value": None}])
    keys = lambda found: sorted({m.key() for m in found})
    until_compacted(topic, client, lambda found: keys(found) == [b"k0", b"k3"])


def test_a_tombstone_stays_for_its_time():
    topic, client = compacted_topic(), kit.producer()
    kit.produce(client, topic, [{"key": "k", "value": "v"}, {"key": "k", "value": None}])
    [message] = until_compacted(topic, client, lambda found: len(found) == 1)
    assert message.value() is None and message.offset() == 1


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_compaction_goes_on_after_a_restart(own_broker, way):
    broker = own_broker()
    servers = broker.bootstrap
    topic = compacted_topic(servers)
    # The cleaner may be at any point of its work when the broker goes.
    for round_number in range(4):
        records = [{"key": f"k{k}", "value": f"{k}-{round_number}"} for k in range(20)]
        kit.produce(kit.producer(servers), topic, [*records, {"key": b"roll", "value": b"roll"}])
    getattr(broker, way)()
    broker.resume()
    client = kit.producer(servers)
    kit.produce(client, topic, [{"key": "k0", "value": "0-last"}])
    messages = until_compacted(topic, client, lambda found: len(found) == 20, servers)
    expected = {f"k{k}": f"{k}-3" for k in range(20)}
    assert {m.key().decode(): m.value().decode() for m in messages} == {**expected, "k0": "0-last"}


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_what_retention_deleted_stays_deleted(own_broker, way):
    broker = own_broker()
    servers = broker.bootstrap
    config = {"retention.bytes": "2100000", "segment.bytes": "1048576"}
    topic = kit.create_topic(config=config, servers=servers)
    records = [{"value": str(i).ljust(50_000)} for i in range(120)]
    kit.produce(kit.producer(servers, batch_size=60_000), topic, records)
    low = eventually(lambda: watermarks(topic, servers)[0], "retention")
    getattr(broker, way)()
    broker.resume()
    after = eventually(lambda: watermarks(topic, servers), "the broker")
    assert after[0] >= low
    assert [m.offset() for m in read_all(topic, servers)] == list(range(after[0], after[1]))
