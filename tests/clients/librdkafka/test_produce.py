"""What a producer sends is what a consumer gets."""

import time

import pytest
from confluent_kafka import OFFSET_BEGINNING, TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME
from confluent_kafka import KafkaError

import kit
from millrace import BASE, unique

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def numbered(count, size=20):
    return [{"key": f"k{i}", "value": f"{i:06}".ljust(size, "x")} for i in range(count)]


def pairs(messages):
    return [(m.key(), m.value()) for m in messages]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("acks", ["all", "1", "0"])
def test_every_codec_with_every_acks(topic, codec, acks):
    client = kit.producer(compression_type=codec, acks=acks)
    kit.produce(client, topic, numbered(200))
    messages = kit.read_from(topic, OFFSET_BEGINNING, 200)
    assert pairs(messages) == [(r["key"].encode(), r["value"].encode()) for r in numbered(200)]
    assert [m.offset() for m in messages] == list(range(200))


def test_codecs_mixed_in_one_partition(topic):
    for codec in CODECS:
        kit.produce(kit.producer(compression_type=codec), topic, [{"value": codec}] * 3)
    messages = kit.read_from(topic, OFFSET_BEGINNING, 3 * len(CODECS))
    assert [m.value().decode() for m in messages] == [c for c in CODECS for _ in range(3)]


def test_offsets_of_delivery_reports_are_where_the_records_stand(topic):
    client = kit.producer(acks="all")
    reports = kit.produce(client, topic, numbered(50)) + kit.produce(client, topic, numbered(50))
    assert [m.offset() for m in reports] == list(range(100))
    assert kit.read_from(topic, 73, 1)[0].value() == reports[73].value()


@pytest.mark.parametrize("codec", CODECS)
def test_idempotent_producer_keeps_order_across_many_batches(topic, codec):
    client = kit.producer(
        enable_idempotence=True, compression_type=codec, batch_num_messages=7, linger_ms=0
    )
    kit.produce(client, topic, numbered(500))
    messages = kit.read_from(topic, OFFSET_BEGINNING, 500)
    assert [m.key().decode() for m in messages] == [f"k{i}" for i in range(500)]


def test_keys_and_values_may_be_null_empty_or_binary(topic):
    records = [
        {"key": None, "value": b"only a value"},
        {"key": b"only a key", "value": None},
        {"key": b"", "value": b""},
        {"key": None, "value": None},
        {"key": bytes(range(256)), "value": bytes(reversed(range(256)))},
        {"key": "ключ", "value": "値"},
    ]
    kit.produce(kit.producer(), topic, records)
    as_bytes = lambda text: text.encode() if isinstance(text, str) else text
    assert pairs(kit.read_from(topic, OFFSET_BEGINNING, len(records))) == [
        (as_bytes(r["key"]), as_bytes(r["value"])) for r in records
    ]


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_a_value_near_the_limit_passes(topic, codec):
    value = bytes(i * 7 % 251 for i in range(1_000_000 - 500))
    kit.produce(kit.producer(compression_type=codec), topic, [{"value": value}])
    assert kit.read_from(topic, OFFSET_BEGINNING, 1)[0].value() == value


def test_a_value_over_the_topic_limit_is_refused():
    topic = kit.create_topic(config={"max.message.bytes": "2000"})
    client = kit.producer()
    too_large = lambda: kit.produce(client, topic, [{"value": b"x" * 5000}])
    kit.fails_with(KafkaError.MSG_SIZE_TOO_LARGE, too_large)
    assert kit.produce(client, topic, [{"value": b"small"}])[0].offset() == 0


def test_a_large_value_passes_where_the_topic_allows_it():
    topic = kit.create_topic(config={"max.message.bytes": str(5_000_000)})
    value = b"y" * 4_000_000
    kit.produce(kit.producer(message_max_bytes=5_000_000), topic, [{"value": value}])
    message = kit.read_from(topic, OFFSET_BEGINNING, 1, fetch_message_max_bytes=10_000)[0]
    assert message.value() == value


def test_headers_keep_order_repeats_and_nulls(topic):
    headers = [("a", b"1"), ("b", b""), ("a", b"2"), ("empty", None), ("blob", bytes(300))]
    kit.produce(kit.producer(), topic, [{"value": b"v", "headers": headers}, {"value": b"w"}])
    with_headers, without = kit.read_from(topic, OFFSET_BEGINNING, 2)
    assert with_headers.headers() == headers
    assert without.headers() is None


def test_create_time_is_the_producers(topic):
    stamps = [BASE, BASE - 100_000, BASE + 1]
    records = [{"value": b"v", "timestamp": stamp} for stamp in stamps]
    kit.produce(kit.producer(), topic, records)
    messages = kit.read_from(topic, OFFSET_BEGINNING, 3)
    assert [m.timestamp() for m in messages] == [(TIMESTAMP_CREATE_TIME, s) for s in stamps]


@pytest.mark.parametrize("codec", ["none", "lz4"])
def test_log_append_time_is_the_brokers(codec):
    topic = kit.create_topic(config={"message.timestamp.type": "LogAppendTime"})
    before = int(time.time() * 1000)
    records = [{"value": b"v", "timestamp": 1_000}] * 3
    reports = kit.produce(kit.producer(compression_type=codec), topic, records)
    after = int(time.time() * 1000)
    for message in kit.read_from(topic, OFFSET_BEGINNING, 3) + reports:
        kind, stamp = message.timestamp()
        assert kind == TIMESTAMP_LOG_APPEND_TIME
        assert before <= stamp <= after


def test_a_timestamp_too_far_ahead_is_refused():
    config = {"message.timestamp.after.max.ms": "60000", "message.timestamp.before.max.ms": "60000"}
    topic = kit.create_topic(config=config)
    now = int(time.time() * 1000)
    for stamp in (now + 3_600_000, now - 3_600_000):
        record = {"value": b"v", "timestamp": stamp}
        refused = lambda: kit.produce(kit.producer(), topic, [record])
        kit.fails_with(KafkaError.INVALID_TIMESTAMP, refused)
    assert kit.produce(kit.producer(), topic, [{"value": b"v", "timestamp": now}])


def test_a_compacted_topic_wants_keys():
    topic = kit.create_topic(config={"cleanup.policy": "compact"})
    keyless = lambda: kit.produce(kit.producer(), topic, [{"value": b"no key"}])
    kit.fails_with(KafkaError.INVALID_RECORD, keyless)


def test_keys_choose_partitions_and_each_keeps_its_order():
    topic = kit.create_topic(partitions=5)
    records = [{"key": f"k{i % 20}", "value": str(i)} for i in range(400)]
    reports = kit.produce(kit.producer(), topic, records)
    assert {m.partition() for m in reports} == set(range(5))
    seen = {}
    for partition in range(5):
        count = sum(m.partition() == partition for m in reports)
        for message in kit.read_from(topic, OFFSET_BEGINNING, count, partition):
            seen.setdefault(message.key(), []).append(int(message.value()))
    assert all(values == sorted(values) and len(values) == 20 for values in seen.values())


def test_a_topic_is_made_by_its_first_record(admin):
    topic = unique("auto")
    assert kit.produce(kit.producer(), topic, [{"value": b"first"}])[0].offset() == 0
    assert kit.ready_partitions(admin, topic) == 1


@pytest.mark.parametrize("name", ["with space", "a/b", "x" * 250])
def test_a_bad_topic_name_is_refused(name):
    refused = lambda: kit.produce(kit.producer(), name, [{"value": b"v"}])
    kit.fails_with(KafkaError.TOPIC_EXCEPTION, refused)


def test_an_unknown_partition_is_refused(topic):
    unknown = lambda: kit.produce(kit.producer(), topic, [{"value": b"v", "partition": 9}])
    kit.fails_with(KafkaError._UNKNOWN_PARTITION, unknown)
