"""Groups of members that join, leave, crash and come back."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, TopicPartition

import kit
from members import Member, all_partitions, settled
from millrace import bootstrap, eventually, unique

HERE = Path(__file__).parent
STRATEGIES = ["range", "roundrobin", "cooperative-sticky"]


@pytest.fixture
def wide():
    return kit.create_topic(partitions=6)


@pytest.fixture
def join():
    """A function that adds a member to a group; all leave when the test ends."""
    members = []

    def add(group, topics, **config):
        members.append(Member(group, topics, **config))
        return members[-1]

    yield add
    leaving = [threading.Thread(target=member.close) for member in members]
    for thread in leaving:
        thread.start()
    for thread in leaving:
        thread.join(40)


def state_of(admin, group):
    return admin.describe_consumer_groups([group])[group].result(20)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_three_members_join_one_by_one_and_leave(wide, join, strategy):
    group, whole = unique("g"), all_partitions(wide, 6)
    config = {"partition_assignment_strategy": strategy}
    first = join(group, [wide], **config)
    settled([first], whole)
    second = join(group, [wide], **config)
    settled([first, second], whole, share=[3, 3])
    third = join(group, [wide], **config)
    settled([first, second, third], whole, share=[2, 2, 2])
    second.close()
    settled([first, third], whole, share=[3, 3])
    first.close()
    settled([third], whole)


def test_members_that_join_at_once(wide, join):
    group = unique("g")
    members = [join(group, [wide]) for _ in range(4)]
    settled(members, all_partitions(wide, 6), share=[2, 2, 1, 1])


def test_a_cooperative_rebalance_leaves_most_partitions_where_they_are(wide, join):
    group, whole = unique("g"), all_partitions(wide, 6)
    config = {"partition_assignment_strategy": "cooperative-sticky"}
    first = join(group, [wide], **config)
    settled([first], whole)
    second = join(group, [wide], **config)
    settled([first, second], whole, share=[3, 3])
    assert first.events.count("revoked") == 1
    kept = first.owned
    second.close()
    settled([first], whole)
    assert kept <= first.owned and first.events.count("revoked") == 1


def test_a_silent_member_loses_its_partitions(wide, join):
    group, whole = unique("g"), all_partitions(wide, 6)
    config = {"session_timeout_ms": 6000, "max_poll_interval_ms": 6000}
    silent, alive = join(group, [wide], **config), join(group, [wide], **config)
    settled([silent, alive], whole)
    silent.crash()
    settled([alive], whole)


def test_a_killed_member_loses_its_partitions(wide, join):
    group, whole = unique("g"), all_partitions(wide, 6)
    alive = join(group, [wide])
    settled([alive], whole)
    command = [sys.executable, HERE / "crashing_member.py", group, wide, bootstrap()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as killed:
        try:
            assert killed.stdout.readline() == "assigned\n"
            eventually(lambda: len(alive.owned) == 3, "half of the partitions")
        finally:
            killed.kill()
    settled([alive], whole)


def test_every_record_reaches_one_member(wide, join):
    group = unique("g")
    members = [join(group, [wide]) for _ in range(3)]
    settled(members, all_partitions(wide, 6), share=[2, 2, 2])
    kit.produce(kit.producer(), wide, [{"key": str(i), "value": str(i)} for i in range(300)])
    received = lambda: [int(m.value()) for member in members for m in member.messages]
    eventually(lambda: len(received()) >= 300, "300 records")
    assert sorted(received()) == list(range(300))


def test_two_groups_each_get_everything(topic, join):
    kit.produce(kit.producer(), topic, [{"value": str(i)} for i in range(20)])
    members = [join(unique("g"), [topic]) for _ in range(2)]
    for member in members:
        eventually(lambda: len(member.messages) == 20, "20 records")


def test_static_members_keep_their_partitions_over_a_restart(wide, join):
    group, whole = unique("g"), all_partitions(wide, 6)
    config = {"session_timeout_ms": 30000}
    first = join(group, [wide], group_instance_id="one", **config)
    second = join(group, [wide], group_instance_id="two", **config)
    settled([first, second], whole, share=[3, 3])
    rebalances, mine = first.events.count("assigned"), second.owned
    second.close()
    again = join(group, [wide], group_instance_id="two", **config)
    eventually(lambda: again.owned == mine, "the same partitions")
    assert first.events.count("assigned") == rebalances


def test_a_static_member_is_fenced_by_its_double(topic, join):
    group = unique("g")
    first = join(group, [topic], group_instance_id="same")
    settled([first], all_partitions(topic, 1))
    second = join(group, [topic], group_instance_id="same")
    settled([second], all_partitions(topic, 1))
    eventually(lambda: first.errors, "the first member to be told")
    assert "fenced" in first.errors[0].str().lower()


def test_a_pattern_subscription_finds_new_topics(join):
    prefix = unique("pat")
    kit.create_topic(name=f"{prefix}-a")
    member = join(unique("g"), [f"^{prefix}-.*"])
    settled([member], {(f"{prefix}-a", 0)})
    kit.create_topic(name=f"{prefix}-b")
    settled([member], {(f"{prefix}-a", 0), (f"{prefix}-b", 0)})


def test_new_partitions_reach_the_group(admin, topic, join):
    from confluent_kafka.admin import NewPartitions

    member = join(unique("g"), [topic])
    settled([member], all_partitions(topic, 1))
    admin.create_partitions([NewPartitions(topic, 3)])[topic].result(20)
    settled([member], all_partitions(topic, 3))


def test_a_group_is_described_while_it_lives_and_after(admin, wide, join):
    group = unique("g")
    members = [join(group, [wide], client_id=f"c{i}", client_rack="r") for i in range(2)]
    settled(members, all_partitions(wide, 6), share=[3, 3])
    described = eventually(
        lambda: (d := state_of(admin, group)).state == ConsumerGroupState.STABLE and d, "stable"
    )
    assert described.partition_assignor == "range"
    assert {m.client_id for m in described.members} == {"c0", "c1"}
    assert all(m.host.strip("/") == "127.0.0.1" for m in described.members)
    owned = [(p.topic, p.partition) for m in described.members for p in m.assignment.topic_partitions]
    assert sorted(owned) == sorted(all_partitions(wide, 6))
    assert described.coordinator.id == 1
    for member in members:
        member.close()
    eventually(lambda: state_of(admin, group).state == ConsumerGroupState.EMPTY, "an empty group")


def test_groups_are_listed_by_state(admin, topic, join):
    live, idle = unique("live"), unique("idle")
    settled([join(live, [topic])], all_partitions(topic, 1))
    client = kit.consumer(idle)
    client.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    client.close()

    def names(*states):
        listed = admin.list_consumer_groups(states=set(states) or None).result(20)
        assert not listed.errors
        return {group.group_id: group for group in listed.valid}

    eventually(lambda: live in names(ConsumerGroupState.STABLE), "the live group as stable")
    assert {live, idle} <= names().keys()
    assert live not in names(ConsumerGroupState.EMPTY)
    assert idle in names(ConsumerGroupState.EMPTY) and idle not in names(ConsumerGroupState.STABLE)
    assert names()[idle].is_simple_consumer_group and not names()[live].is_simple_consumer_group


def test_a_group_is_deleted_when_it_is_empty(admin, topic, join):
    from confluent_kafka import KafkaError

    group = unique("g")
    member = join(group, [topic])
    settled([member], all_partitions(topic, 1))
    delete = lambda: admin.delete_consumer_groups([group])[group].result(20)
    kit.fails_with(KafkaError.NON_EMPTY_GROUP, delete)
    member.close()
    eventually(lambda: state_of(admin, group).state == ConsumerGroupState.EMPTY, "an empty group")
    delete()
    kit.fails_with(KafkaError.GROUP_ID_NOT_FOUND, delete)
    listed = admin.list_consumer_groups().result(20)
    assert group not in {g.group_id for g in listed.valid}


def test_offsets_of_an_idle_group_are_reset_by_an_admin(admin, topic):
    group = unique("g")
    kit.produce(kit.producer(), topic, [{"value": str(i)} for i in range(10)])
    altered = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 6)])
    admin.alter_consumer_group_offsets([altered])[group].result(20)
    asked = ConsumerGroupTopicPartitions(group)
    [found] = admin.list_consumer_group_offsets([asked])[group].result(20).topic_partitions
    assert (found.topic, found.partition, found.offset) == (topic, 0, 6)
    client = kit.consumer(group)
    client.subscribe([topic])
    assert [m.offset() for m in kit.take(client, 4)] == [6, 7, 8, 9]
    client.close()
