"""Topics, partitions and the cluster as an admin sees and changes them."""

import pytest
from confluent_kafka import KafkaError, TopicCollection, TopicPartition
from confluent_kafka.admin import NewPartitions, NewTopic

import kit
from millrace import eventually, unique


def create(admin, *topics, **options):
    return admin.create_topics(list(topics), **options)


def is_gone(admin, *names):
    return not set(names) & set(admin.list_topics(timeout=10).topics)


def described(admin, topic):
    return admin.describe_topics(TopicCollection([topic]))[topic].result(20)


def test_create_describe_delete(admin):
    name = kit.create_topic(partitions=4)
    topic = described(admin, name)
    assert topic.name == name and not topic.is_internal
    assert [p.id for p in topic.partitions] == list(range(4))
    for partition in topic.partitions:
        assert partition.leader.id == 1
        assert [node.id for node in partition.replicas] == [1]
        assert [node.id for node in partition.isr] == [1]
    admin.delete_topics([name])[name].result(20)
    eventually(lambda: is_gone(admin, name), "the topic to go")
    kit.fails_with(KafkaError.UNKNOWN_TOPIC_OR_PART, lambda: described(admin, name))


def test_a_topic_made_again_has_a_new_id_and_no_records(admin):
    name = kit.create_topic()
    kit.produce(kit.producer(), name, [{"value": b"old"}] * 3)
    before = described(admin, name).topic_id
    admin.delete_topics([name])[name].result(20)
    eventually(lambda: is_gone(admin, name), "the topic to go")
    kit.create_topic(name=name)
    assert str(described(admin, name).topic_id) != str(before)
    assert kit.produce(kit.producer(), name, [{"value": b"new"}])[0].offset() == 0
    assert kit.read_from(name, 0, 1)[0].value() == b"new"


def test_many_topics_in_one_request(admin):
    names = [unique("many") for _ in range(20)]
    for future in create(admin, *[NewTopic(n, num_partitions=2) for n in names]).values():
        future.result(30)
    listed = lambda: admin.list_topics(timeout=10).topics
    complete = lambda: all(n in listed() and len(listed()[n].partitions) == 2 for n in names)
    eventually(complete, "two partitions each")
    for future in admin.delete_topics(names).values():
        future.result(30)
    eventually(lambda: is_gone(admin, *names), "all to go")


def test_broker_defaults_fill_in_what_is_not_said(admin):
    name = unique()
    create(admin, NewTopic(name))[name].result(20)
    eventually(lambda: kit.ready_partitions(admin, name) == 1, "one partition by default")


BAD_TOPICS = [
    ("twice", {}, KafkaError.TOPIC_ALREADY_EXISTS),
    ("with space", {}, KafkaError.TOPIC_EXCEPTION),
    ("..", {}, KafkaError.TOPIC_EXCEPTION),
    ("x" * 250, {}, KafkaError.TOPIC_EXCEPTION),
    ("zero", {"num_partitions": 0}, KafkaError.INVALID_PARTITIONS),
    ("wide", {"num_partitions": 1, "replication_factor": 9}, KafkaError.INVALID_REPLICATION_FACTOR),
    ("what", {"config": {"no.such.config": "1"}}, KafkaError.INVALID_CONFIG),
    ("when", {"config": {"retention.ms": "soon"}}, KafkaError.INVALID_CONFIG),
    ("how", {"config": {"cleanup.policy": "recycle"}}, KafkaError.INVALID_CONFIG),
]


@pytest.mark.parametrize("name, arguments, expected", BAD_TOPICS, ids=[b[0][:10] for b in BAD_TOPICS])
def test_what_cannot_be_created(admin, name, arguments, expected):
    if name == "twice":
        name = kit.create_topic()
    arguments = {"num_partitions": 1, "replication_factor": 1, **arguments}
    future = create(admin, NewTopic(name, **arguments))[name]
    error = kit.fails_with(expected, lambda: future.result(20))
    assert error.args[0].str(), "an error should say why"


def test_names_that_collide_in_metrics_are_refused(admin):
    name = unique("dot.ted")
    kit.create_topic(name=name)
    clash = name.replace(".", "_")
    future = create(admin, NewTopic(clash, num_partitions=1))[clash]
    kit.fails_with(KafkaError.TOPIC_EXCEPTION, lambda: future.result(20))


def test_one_bad_topic_does_not_spoil_the_good(admin):
    good, bad = unique("good"), "not good"
    futures = create(admin, NewTopic(good, 1), NewTopic(bad, 1))
    futures[good].result(20)
    kit.fails_with(KafkaError.TOPIC_EXCEPTION, lambda: futures[bad].result(20))


def test_validate_only_creates_nothing(admin):
    name = unique()
    create(admin, NewTopic(name, 3), validate_only=True)[name].result(20)
    bad = create(admin, NewTopic("not good", 3), validate_only=True)["not good"]
    kit.fails_with(KafkaError.TOPIC_EXCEPTION, lambda: bad.result(20))
    assert is_gone(admin, name)


def test_replicas_may_be_assigned_by_hand(admin):
    name = unique()
    create(admin, NewTopic(name, 2, replica_assignment=[[1], [1]]))[name].result(20)
    eventually(lambda: kit.ready_partitions(admin, name) == 2, "two partitions")


def test_partitions_are_added_and_never_taken_away(admin):
    name = kit.create_topic(partitions=2)
    grow = lambda count: admin.create_partitions([NewPartitions(name, count)])[name].result(20)
    grow(5)
    eventually(lambda: kit.ready_partitions(admin, name) == 5, "five partitions")
    assert kit.produce(kit.producer(), name, [{"value": b"v", "partition": 4}])[0].offset() == 0
    for count in (5, 3):
        kit.fails_with(KafkaError.INVALID_PARTITIONS, lambda: grow(count))
    missing = unique("missing")
    future = admin.create_partitions([NewPartitions(missing, 2)])[missing]
    kit.fails_with(KafkaError.UNKNOWN_TOPIC_OR_PART, lambda: future.result(20))


def test_deleting_what_is_not_there(admin):
    missing = unique("missing")
    future = admin.delete_topics([missing])[missing]
    kit.fails_with(KafkaError.UNKNOWN_TOPIC_OR_PART, lambda: future.result(20))


def test_records_are_deleted_from_the_front(admin):
    topic = kit.create_topic()
    kit.produce(kit.producer(), topic, [{"value": str(i)} for i in range(10)])
    delete = lambda to: admin.delete_records([TopicPartition(topic, 0, to)])[
        TopicPartition(topic, 0)
    ].result(20)
    assert delete(4).low_watermark == 4
    assert kit.read_from(topic, 0, 6)[0].offset() == 4
    assert delete(2).low_watermark == 4
    kit.fails_with(KafkaError.OFFSET_OUT_OF_RANGE, lambda: delete(11))
    assert delete(-1).low_watermark == 10
    client = kit.consumer()
    assert client.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (10, 10)
    client.close()
    assert kit.produce(kit.producer(), topic, [{"value": b"next"}])[0].offset() == 10


def test_the_cluster_describes_itself(admin):
    cluster = admin.describe_cluster().result(20)
    assert cluster.cluster_id and cluster.controller.id == 1
    assert [(node.id, node.host) for node in cluster.nodes] == [(1, "127.0.0.1")]
    metadata = admin.list_topics(timeout=10)
    assert metadata.cluster_id == cluster.cluster_id
    assert list(metadata.brokers) == [1]
