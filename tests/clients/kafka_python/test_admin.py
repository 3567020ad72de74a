"""The admin client of kafka-python."""

import pytest
from kafka import TopicPartition
from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import (
    InvalidPartitionsError,
    InvalidTopicError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

import kit
from millrace import eventually, unique


def config_of(admin, topic, key):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    described = admin.describe_configs([resource], config_filter="all")
    return described[ConfigResourceType.TOPIC.name.lower()][topic][key]["value"]


def test_create_list_describe_delete(admin):
    topic = kit.create_topic(admin, partitions=3)
    assert topic in admin.list_topics()
    [described] = admin.describe_topics([topic])
    assert [p["leader_id"] for p in described["partitions"]] == [1, 1, 1]
    admin.delete_topics([topic])
    eventually(lambda: topic not in admin.list_topics(), "the topic to go")


@pytest.mark.parametrize(
    "name, options, error",
    [
        ("not good", {}, InvalidTopicError),
        ("zero", {"num_partitions": 0, "replication_factor": 1}, InvalidPartitionsError),
    ],
)
def test_what_cannot_be_created(admin, name, options, error):
    with pytest.raises(error):
        admin.create_topics({name: options})


def test_a_topic_exists_once(admin, topic):
    with pytest.raises(TopicAlreadyExistsError):
        admin.create_topics([topic])
    with pytest.raises(UnknownTopicOrPartitionError):
        admin.delete_topics([unique("missing")])


def test_partitions_grow(admin, topic):
    admin.create_partitions({topic: 3})
    eventually(lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 3, "partitions")
    with pytest.raises(InvalidPartitionsError):
        admin.create_partitions({topic: 2})


def test_configs_change_by_difference(admin, topic):
    change = {"retention.ms": (AlterConfigOp.SET, "1000000")}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, change)])
    eventually(lambda: config_of(admin, topic, "retention.ms") == "1000000", "the change")
    back = {"retention.ms": (AlterConfigOp.DELETE, None)}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, back)])
    eventually(lambda: config_of(admin, topic, "retention.ms") == "604800000", "the default")


def test_records_are_deleted_from_the_front(admin, topic):
    client = kit.producer()
    kit.produce(client, topic, [b"v"] * 10)
    client.close()
    partition = TopicPartition(topic, 0)
    admin.delete_records({partition: 6})
    offset = lambda spec: admin.list_partition_offsets({partition: spec})[partition].offset
    assert offset(OffsetSpec.EARLIEST) == 6
    assert offset(OffsetSpec.LATEST) == 10


def test_the_cluster_its_directories_and_its_quorum(admin, topic):
    cluster = admin.describe_cluster()
    assert cluster["controller_id"] == 1 and cluster["cluster_id"]
    assert topic in str(admin.describe_log_dirs())
    assert "1" in str(admin.describe_metadata_quorum())
    assert admin.api_versions()
