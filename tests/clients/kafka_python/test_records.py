"""What kafka-python sends is what it gets, and where it starts to read."""

import pytest
from kafka import TopicPartition
from kafka.errors import MessageSizeTooLargeError, OffsetOutOfRangeError

import kit
from millrace import BASE, unique

CODECS = [None, "gzip", "snappy", "lz4", "zstd"]


def numbers(count):
    return [str(i).encode() for i in range(count)]


def read(topic, offset, count, **config):
    client = kit.consumer(**config)
    partition = TopicPartition(topic, 0)
    client.assign([partition])
    client.seek(partition, offset)
    records = kit.take(client, count)
    client.close()
    return records


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("acks", ["all", 1])
def test_every_codec_and_acks(topic, codec, acks):
    client = kit.producer(compression_type=codec, acks=acks, enable_idempotence=acks == "all")
    places = kit.produce(client, topic, numbers(150))
    client.close()
    assert [place.offset for place in places] == list(range(150))
    assert [record.value for record in read(topic, 0, 150)] == numbers(150)


def test_no_acks(topic):
    client = kit.producer(acks=0, enable_idempotence=False)
    kit.produce(client, topic, numbers(20))
    client.close()
    assert [record.value for record in read(topic, 0, 20)] == numbers(20)


def test_small_idempotent_batches_keep_their_order(topic):
    client = kit.producer(enable_idempotence=True, batch_size=100)
    kit.produce(client, topic, numbers(400))
    client.close()
    assert [record.value for record in read(topic, 0, 400)] == numbers(400)


def test_keys_headers_and_timestamps(topic):
    client = kit.producer()
    headers = [("a", b"1"), ("a", b"2"), ("empty", b"")]
    client.send(topic, key=b"k", value=None, headers=headers, timestamp_ms=BASE)
    client.send(topic, key=b"", value=b"")
    client.flush()
    client.close()
    first, second = read(topic, 0, 2)
    assert (first.key, first.value, first.timestamp) == (b"k", None, BASE)
    assert [tuple(header) for header in first.headers] == headers
    assert (second.key, second.value) == (b"", b"")


def test_a_large_record(admin):
    topic = kit.create_topic(admin, configs={"max.message.bytes": "3000000"})
    value = bytes(i % 251 for i in range(2_500_000))
    client = kit.producer(max_request_size=4_000_000)
    kit.produce(client, topic, [value])
    with pytest.raises(MessageSizeTooLargeError):
        kit.produce(client, topic, [value + value[:1_000_000]])
    client.close()
    assert read(topic, 0, 1)[0].value == value


def test_beginning_end_time_and_seek(topic):
    client = kit.producer()
    for i, value in enumerate(numbers(10)):
        client.send(topic, value=value, timestamp_ms=BASE + i * 1000)
    client.flush()
    client.close()
    partition = TopicPartition(topic, 0)
    reader = kit.consumer()
    reader.assign([partition])
    assert reader.beginning_offsets([partition]) == {partition: 0}
    assert reader.end_offsets([partition]) == {partition: 10}
    found = reader.offsets_for_times({partition: BASE + 3500})[partition]
    assert (found.offset, found.timestamp) == (4, BASE + 4000)
    assert reader.offsets_for_times({partition: BASE + 60_000})[partition] is None
    reader.seek(partition, 7)
    assert [record.offset for record in kit.take(reader, 3)] == [7, 8, 9]
    reader.seek_to_beginning(partition)
    assert kit.take(reader, 1)[0].offset == 0
    reader.seek_to_end(partition)
    assert reader.position(partition) == 10
    reader.close()


def test_an_offset_out_of_range(topic):
    client = kit.producer()
    kit.produce(client, topic, numbers(3))
    client.close()
    assert read(topic, 99, 3)[0].offset == 0
    with pytest.raises(OffsetOutOfRangeError):
        read(topic, 99, 1, auto_offset_reset="none")


def test_a_topic_is_made_by_its_first_record():
    client = kit.producer()
    [place] = kit.produce(client, unique("auto"), [b"first"])
    client.close()
    assert place.offset == 0


def test_partitions_of_a_topic(admin):
    topic = kit.create_topic(admin, partitions=4)
    client = kit.producer()
    for partition in range(4):
        places = kit.produce(client, topic, numbers(5), partition=partition)
        assert {place.partition for place in places} == {partition}
    client.close()
    reader = kit.consumer()
    assert reader.partitions_for_topic(topic) == {0, 1, 2, 3}
    reader.assign([TopicPartition(topic, partition) for partition in range(4)])
    assert len(kit.take(reader, 20)) == 20
    reader.close()
