"""Groups and committed offsets with kafka-python."""

import pytest
from kafka import OffsetAndMetadata, TopicPartition

import kit
from millrace import eventually, unique


def test_members_come_and_go(admin):
    topic, group = kit.create_topic(admin, partitions=4), unique("g")
    first = kit.Member(group, topic)
    kit.settled(4, first)
    second = kit.Member(group, topic)
    kit.settled(4, first, second)
    second.close()
    kit.settled(4, first)
    first.close()
    assert not first.errors + second.errors


def test_a_static_member_comes_back(admin):
    topic, group = kit.create_topic(admin, partitions=2), unique("g")
    config = {"group_instance_id": "one", "session_timeout_ms": 30000}
    member = kit.Member(group, topic, **config)
    kit.settled(2, member)
    member.close()
    again = kit.Member(group, topic, **config)
    kit.settled(2, again)
    again.close()


def test_commits_are_where_the_next_member_starts(topic):
    group = unique("g")
    client = kit.producer()
    kit.produce(client, topic, [str(i).encode() for i in range(10)])
    client.close()
    reader = kit.consumer(topic, group=group, max_poll_records=4)
    assert len(kit.take(reader, 4)) == 4
    reader.commit()
    reader.close()
    reader = kit.consumer(topic, group=group)
    assert kit.take(reader, 6)[0].offset == 4
    reader.close()


def test_commits_carry_metadata(topic):
    partition, group = TopicPartition(topic, 0), unique("g")
    reader = kit.consumer(group=group)
    reader.assign([partition])
    reader.commit({partition: OffsetAndMetadata(3, "note", -1)})
    found = reader.committed(partition, metadata=True)
    assert (found.offset, found.metadata) == (3, "note")
    assert reader.committed(TopicPartition(topic, 1)) is None
    reader.close()


def test_groups_are_listed_described_and_deleted(admin, topic):
    group = unique("g")
    member = kit.Member(group, topic)
    kit.settled(1, member)
    state = lambda: admin.describe_groups([group])[group]["group_state"]
    eventually(lambda: state() == "Stable", "a stable group")
    assert group in {listed["group_id"] for listed in admin.list_groups()}
    member.close()
    eventually(lambda: state() == "Empty", "an empty group")
    admin.alter_group_offsets(group, {TopicPartition(topic, 0): OffsetAndMetadata(5, "", -1)})
    found = admin.list_group_offsets({group: None})[group]
    assert found[TopicPartition(topic, 0)].offset == 5
    admin.delete_groups([group])
    assert group not in {listed["group_id"] for listed in admin.list_groups()}


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_restart_between_two_records(own_broker, way):
    client = kit.admin(own_broker.bootstrap)
    topic = kit.create_topic(client)
    client.close()
    member = kit.Member(unique("g"), topic, servers=own_broker.bootstrap)
    kit.settled(1, member)
    sender = kit.producer(own_broker.bootstrap, retries=1000, request_timeout_ms=5000)
    kit.produce(sender, topic, [b"before"])
    getattr(own_broker, way)()
    own_broker.resume()
    kit.produce(sender, topic, [b"after"])
    sender.close()
    eventually(lambda: {b"before", b"after"} <= {r.value for r in member.records}, "both records")
    member.close()
