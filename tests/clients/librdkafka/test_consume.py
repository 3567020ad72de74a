"""Reading by offset, by time, in parts, with limits."""

import pytest
from confluent_kafka import (
    IsolationLevel,
    OFFSET_BEGINNING,
    OFFSET_END,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

import kit
from millrace import BASE, eventually, unique


@pytest.fixture
def filled(topic):
    """Ten records, a second apart, the value is the offset."""
    records = [{"value": str(i), "timestamp": BASE + i * 1000} for i in range(10)]
    kit.produce(kit.producer(), topic, records)
    return topic


def values(messages):
    return [int(m.value()) for m in messages]


def test_from_the_beginning_the_end_and_in_between(filled):
    assert values(kit.read_from(filled, OFFSET_BEGINNING, 10)) == list(range(10))
    assert values(kit.read_from(filled, 7, 3)) == [7, 8, 9]
    client = kit.consumer()
    client.assign([TopicPartition(filled, 0, OFFSET_END)])
    kit.take_none(client)
    kit.produce(kit.producer(), filled, [{"value": "10"}])
    assert values(kit.take(client, 1)) == [10]
    client.close()


def test_inside_a_batch_the_earlier_records_stay_hidden(topic):
    kit.produce(kit.producer(linger_ms=200), topic, [{"value": str(i)} for i in range(100)])
    assert values(kit.read_from(topic, 42, 58)) == list(range(42, 100))


def test_offsets_for_times(filled):
    client = kit.consumer()
    cases = [(0, 0), (BASE, 0), (BASE + 3500, 4), (BASE + 9000, 9)]
    for stamp, expected in cases:
        [found] = client.offsets_for_times([TopicPartition(filled, 0, stamp)], timeout=10)
        assert found.offset == expected, stamp
    [none] = client.offsets_for_times([TopicPartition(filled, 0, BASE + 7_200_000)], timeout=10)
    assert none.offset == OFFSET_END
    client.close()


def test_offsets_for_times_inside_compressed_batches(topic):
    records = [{"value": str(i), "timestamp": BASE + i} for i in range(300)]
    kit.produce(kit.producer(compression_type="zstd", linger_ms=100), topic, records)
    client = kit.consumer()
    for offset in (0, 1, 150, 299):
        query = TopicPartition(topic, 0, BASE + offset)
        assert client.offsets_for_times([query], timeout=10)[0].offset == offset
    client.close()


def test_watermarks(filled):
    client = kit.consumer()
    assert client.get_watermark_offsets(TopicPartition(filled, 0), timeout=10) == (0, 10)
    client.close()


def test_list_offsets_by_spec(admin, filled):
    partition = TopicPartition(filled, 0)
    specs = [
        (OffsetSpec.earliest(), 0),
        (OffsetSpec.latest(), 10),
        (OffsetSpec.max_timestamp(), 9),
        (OffsetSpec.for_timestamp(BASE + 4001), 5),
    ]
    for spec, expected in specs:
        for level in (IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED):
            result = admin.list_offsets({partition: spec}, isolation_level=level)
            assert result[partition].result(20).offset == expected


def test_pause_resume_and_seek(filled):
    client = kit.consumer()
    partition = TopicPartition(filled, 0, OFFSET_BEGINNING)
    client.assign([partition])
    assert values(kit.take(client, 3)) == [0, 1, 2]
    client.pause([partition])
    kit.take_none(client)
    client.resume([partition])
    assert values(kit.take(client, 2)) == [3, 4]
    client.seek(TopicPartition(filled, 0, 8))
    assert values(kit.take(client, 2)) == [8, 9]
    client.seek(TopicPartition(filled, 0, OFFSET_BEGINNING))
    assert values(kit.take(client, 10)) == list(range(10))
    assert client.position([partition])[0].offset == 10
    client.close()


def test_an_offset_out_of_range_resets_or_fails(filled):
    assert values(kit.read_from(filled, 5000, 10)) == list(range(10))
    client = kit.consumer(auto_offset_reset="error")
    client.assign([TopicPartition(filled, 0, 5000)])
    message = eventually(lambda: client.poll(0.5), "an error")
    assert message.error().code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)
    client.close()


def test_the_end_of_a_partition_is_reported(filled):
    client = kit.consumer(enable_partition_eof=True)
    client.assign([TopicPartition(filled, 0, OFFSET_BEGINNING)])
    seen = []

    def at_end():
        message = client.poll(0.5)
        if message is None:
            return False
        if message.error():
            return message.error().code() == KafkaError._PARTITION_EOF
        seen.append(int(message.value()))
        return False

    eventually(at_end, "the end of the partition")
    assert seen == list(range(10))
    client.close()


def test_small_fetches_get_everything(topic):
    records = [{"value": str(i).ljust(3000)} for i in range(200)]
    kit.produce(kit.producer(batch_num_messages=10), topic, records)
    messages = kit.read_from(
        topic, OFFSET_BEGINNING, 200, fetch_message_max_bytes=4000, fetch_max_bytes=30_000,
        message_max_bytes=30_000,
    )
    assert values(messages) == list(range(200))


def test_min_bytes_does_not_hold_records_back_for_ever(filled):
    messages = kit.read_from(
        filled, OFFSET_BEGINNING, 10, fetch_min_bytes=1_000_000, fetch_wait_max_ms=500
    )
    assert values(messages) == list(range(10))


def test_many_partitions_in_one_consumer():
    topic = kit.create_topic(partitions=30)
    records = [{"value": str(i), "partition": i % 30} for i in range(600)]
    kit.produce(kit.producer(), topic, records)
    client = kit.consumer()
    client.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(30)])
    messages = kit.take(client, 600)
    assert sorted(values(messages)) == list(range(600))
    for partition in range(30):
        mine = [int(m.value()) for m in messages if m.partition() == partition]
        assert mine == sorted(mine)
    client.close()


def test_two_topics_and_changing_assignments(topic):
    other = kit.create_topic()
    kit.produce(kit.producer(), topic, [{"value": "1"}])
    kit.produce(kit.producer(), other, [{"value": "2"}])
    client = kit.consumer()
    client.assign([TopicPartition(topic, 0, 0)])
    assert values(kit.take(client, 1)) == [1]
    client.incremental_assign([TopicPartition(other, 0, 0)])
    assert values(kit.take(client, 1)) == [2]
    client.incremental_unassign([TopicPartition(topic, 0)])
    kit.produce(kit.producer(), topic, [{"value": "3"}])
    kit.take_none(client)
    client.close()


def test_read_committed_reads_plain_records(filled):
    messages = kit.read_from(filled, OFFSET_BEGINNING, 10, isolation_level="read_committed")
    assert values(messages) == list(range(10))


def test_an_unknown_topic_is_reported():
    client = kit.consumer()
    client.subscribe([unique("missing")])
    message = eventually(lambda: client.poll(0.5), "an error")
    assert message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    client.close()
    with pytest.raises(KafkaException):
        kit.consumer().get_watermark_offsets(TopicPartition(unique("missing"), 0), timeout=2)


def test_leader_epochs_come_with_the_records(filled):
    message = kit.read_from(filled, OFFSET_BEGINNING, 1)[0]
    assert message.leader_epoch() is not None and message.leader_epoch() >= 0
