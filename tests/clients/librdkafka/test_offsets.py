"""Committed offsets: written, read back, kept."""

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, TopicPartition

import kit
from members import Member, all_partitions, settled
from millrace import eventually, unique


@pytest.fixture
def filled():
    topic = kit.create_topic(partitions=2)
    for partition in range(2):
        records = [{"value": str(i), "partition": partition} for i in range(20)]
        kit.produce(kit.producer(), topic, records)
    return topic


def committed(group, *partitions):
    client = kit.consumer(group)
    try:
        return client.committed(list(partitions), timeout=10)
    finally:
        client.close()


def test_a_commit_is_where_the_next_member_starts(filled):
    group = unique("g")
    client = kit.consumer(group)
    client.subscribe([filled])
    first = kit.take(client, 15)
    client.commit(asynchronous=False)
    client.close()
    client = kit.consumer(group)
    client.subscribe([filled])
    rest = kit.take(client, 25)
    client.close()
    places = [(m.partition(), m.offset()) for m in first + rest]
    assert sorted(places) == [(p, o) for p in range(2) for o in range(20)]


def test_metadata_and_epoch_round_trip(filled):
    group = unique("g")
    client = kit.consumer(group)
    text = "at the ćorner " + "x" * 100
    wanted = TopicPartition(filled, 0, 5, text, leader_epoch=0)
    client.commit(offsets=[wanted], asynchronous=False)
    client.close()
    [found] = committed(group, TopicPartition(filled, 0))
    assert (found.offset, found.metadata, found.leader_epoch) == (5, text, 0)


def test_what_was_never_committed_is_invalid_not_an_error(filled):
    found = committed(unique("g"), TopicPartition(filled, 0), TopicPartition(unique("none"), 3))
    assert [(p.offset, p.error) for p in found] == [(OFFSET_INVALID, None)] * 2


def test_metadata_too_large_is_refused(filled):
    client = kit.consumer()
    wanted = [TopicPartition(filled, 0, 5, "x" * 5000)]
    kit.fails_with(
        KafkaError.OFFSET_METADATA_TOO_LARGE,
        lambda: raise_first(client.commit(offsets=wanted, asynchronous=False)),
    )
    client.close()


def raise_first(partitions):
    for partition in partitions:
        if partition.error:
            raise kit.KafkaException(partition.error)
    return partitions


def test_an_asynchronous_commit_reports_back(filled):
    group, reports = unique("g"), []
    report = lambda error, partitions: reports.append((error, partitions))
    client = kit.consumer(group, on_commit=report)
    client.assign([TopicPartition(filled, 0, 0)])
    message = kit.take(client, 5)[-1]
    client.commit(message=message, asynchronous=True)
    eventually(lambda: client.poll(0.1) and False or reports, "the report of a commit")
    client.close()
    error, [partition] = reports[0]
    assert error is None and partition.offset == 5
    assert committed(group, TopicPartition(filled, 0))[0].offset == 5


def test_automatic_commits(filled):
    group = unique("g")
    config = {"enable_auto_commit": True, "auto_commit_interval_ms": 100}
    member = Member(group, [filled], **config)
    settled([member], all_partitions(filled, 2))
    eventually(lambda: len(member.messages) == 40, "40 records")
    asked = [TopicPartition(filled, p) for p in range(2)]
    eventually(lambda: [p.offset for p in committed(group, *asked)] == [20, 20], "the commits")
    member.close()


def test_stored_offsets_are_committed_on_close(filled):
    group = unique("g")
    config = {"enable_auto_commit": True, "enable_auto_offset_store": False}
    client = kit.consumer(group, **config)
    client.subscribe([filled])
    kit.take(client, 10)
    client.store_offsets(offsets=[TopicPartition(filled, 1, 3)])
    client.close()
    found = committed(group, TopicPartition(filled, 0), TopicPartition(filled, 1))
    assert [p.offset for p in found] == [OFFSET_INVALID, 3]


def test_a_commit_from_outside_a_live_group_is_refused(filled):
    group = unique("g")
    member = Member(group, [filled])
    settled([member], all_partitions(filled, 2))
    outsider = kit.consumer(group)
    kit.fails_with(
        KafkaError.UNKNOWN_MEMBER_ID,
        lambda: outsider.commit(offsets=[TopicPartition(filled, 0, 1)], asynchronous=False),
    )
    outsider.close()
    member.close()


def test_many_commits_last_one_wins(filled):
    group = unique("g")
    client = kit.consumer(group)
    for offset in range(50):
        client.commit(offsets=[TopicPartition(filled, 0, offset)], asynchronous=offset % 10 != 9)
    client.close()
    assert committed(group, TopicPartition(filled, 0))[0].offset == 49


def test_deleting_a_topic_deletes_its_offsets(admin, filled):
    group, keeper = unique("g"), kit.create_topic()
    client = kit.consumer(group)
    both = [TopicPartition(filled, 0, 5), TopicPartition(keeper, 0, 7)]
    client.commit(offsets=both, asynchronous=False)
    client.close()
    admin.delete_topics([filled])[filled].result(20)
    forgotten = lambda: committed(group, TopicPartition(filled, 0))[0].offset == OFFSET_INVALID
    eventually(forgotten, "the offsets to go")
    assert committed(group, TopicPartition(keeper, 0))[0].offset == 7
