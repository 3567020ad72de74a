"""Configs of topics and brokers: read, changed by difference, replaced, refused."""

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)

import kit
from millrace import eventually, unique


def configs_of(admin, kind, name):
    resource = ConfigResource(kind, name)
    return admin.describe_configs([resource])[resource].result(20)


def topic_config(admin, topic, key):
    entry = configs_of(admin, ResourceType.TOPIC, topic)[key]
    return entry.value, ConfigSource(entry.source)


def becomes(admin, topic, **expected):
    """A change reaches every reader soon, not at once."""
    wanted = {key.replace("_", "."): value for key, value in expected.items()}
    read = lambda: {key: topic_config(admin, topic, key)[0] for key in wanted}
    eventually(lambda: read() == wanted, f"{wanted}")


def alter(admin, topic, *operations, kind=ResourceType.TOPIC, **options):
    """Operations are (operation, key, value)."""
    entries = [
        ConfigEntry(key, value, incremental_operation=operation)
        for operation, key, value in operations
    ]
    resource = ConfigResource(kind, topic, incremental_configs=entries)
    return admin.incremental_alter_configs([resource], **options)[resource].result(20)


SET, DELETE = AlterConfigOpType.SET, AlterConfigOpType.DELETE
APPEND, SUBTRACT = AlterConfigOpType.APPEND, AlterConfigOpType.SUBTRACT


# Every topic config of Kafka 4.2 that a stock client can name.
TOPIC_KEYS = """
cleanup.policy compression.gzip.level compression.lz4.level compression.type compression.zstd.level
delete.retention.ms file.delete.delay.ms flush.messages flush.ms index.interval.bytes
max.compaction.lag.ms max.message.bytes message.timestamp.after.max.ms
message.timestamp.before.max.ms message.timestamp.type min.cleanable.dirty.ratio
min.compaction.lag.ms min.insync.replicas preallocate retention.bytes retention.ms segment.bytes
segment.index.bytes segment.jitter.ms segment.ms unclean.leader.election.enable
""".split()


def test_every_topic_config_is_described(admin, topic):
    configs = configs_of(admin, ResourceType.TOPIC, topic)
    assert set(TOPIC_KEYS) <= configs.keys()
    assert configs["cleanup.policy"].value == "delete"
    assert configs["retention.ms"].value == "604800000"
    assert not any(entry.is_sensitive for entry in configs.values())


def test_configs_given_at_creation_are_the_topics_own(admin):
    topic = kit.create_topic(config={"retention.ms": "123456", "cleanup.policy": "compact,delete"})
    own = ConfigSource.DYNAMIC_TOPIC_CONFIG
    assert topic_config(admin, topic, "retention.ms") == ("123456", own)
    assert topic_config(admin, topic, "cleanup.policy") == ("compact,delete", own)
    assert topic_config(admin, topic, "flush.ms")[1] == ConfigSource.DEFAULT_CONFIG


def test_incremental_changes(admin, topic):
    alter(admin, topic, (SET, "retention.ms", "1000000"), (SET, "max.message.bytes", "5000"))
    becomes(admin, topic, retention_ms="1000000", max_message_bytes="5000")
    alter(admin, topic, (DELETE, "retention.ms", None))
    becomes(admin, topic, retention_ms="604800000", max_message_bytes="5000")


def test_lists_are_appended_to_and_subtracted_from(admin, topic):
    alter(admin, topic, (APPEND, "cleanup.policy", "compact"))
    becomes(admin, topic, cleanup_policy="delete,compact")
    alter(admin, topic, (SUBTRACT, "cleanup.policy", "delete"))
    becomes(admin, topic, cleanup_policy="compact")


BAD_CHANGES = [
    (SET, "no.such.config", "1"),
    (SET, "retention.ms", "soon"),
    (SET, "min.insync.replicas", "0"),
    (SET, "cleanup.policy", "recycle"),
    (APPEND, "retention.ms", "1"),
]


@pytest.mark.parametrize("change", BAD_CHANGES, ids=lambda c: f"{c[0].name}-{c[1]}-{c[2]}")
def test_a_bad_change_is_refused_whole(admin, topic, change):
    changes = [(SET, "max.message.bytes", "5000"), change]
    kit.fails_with(KafkaError.INVALID_CONFIG, lambda: alter(admin, topic, *changes))
    assert topic_config(admin, topic, "max.message.bytes")[0] == "1048588"


def test_validate_only_changes_nothing(admin, topic):
    alter(admin, topic, (SET, "retention.ms", "1"), validate_only=True)
    assert topic_config(admin, topic, "retention.ms")[0] == "604800000"


def test_the_old_call_replaces_the_whole_set(admin):
    topic = kit.create_topic(config={"retention.ms": "1000000", "max.message.bytes": "5000"})
    resource = ConfigResource(ResourceType.TOPIC, topic, set_config={"retention.ms": "2000000"})
    admin.alter_configs([resource])[resource].result(20)
    becomes(admin, topic, retention_ms="2000000", max_message_bytes="1048588")


def test_configs_of_a_missing_topic(admin):
    missing = unique("missing")
    read = lambda: configs_of(admin, ResourceType.TOPIC, missing)
    kit.fails_with(KafkaError.UNKNOWN_TOPIC_OR_PART, read)
    write = lambda: alter(admin, missing, (SET, "retention.ms", "1"))
    kit.fails_with(KafkaError.UNKNOWN_TOPIC_OR_PART, write)


def test_a_changed_limit_takes_effect(admin, topic):
    client = kit.producer()
    kit.produce(client, topic, [{"value": b"x" * 3000}])
    alter(admin, topic, (SET, "max.message.bytes", "2000"))

    def refused():
        try:
            kit.produce(client, topic, [{"value": b"x" * 3000}])
            return False
        except kit.KafkaException as error:
            return kit.code(error) == KafkaError.MSG_SIZE_TOO_LARGE

    eventually(refused, "the new limit")


def test_a_broker_describes_its_configs(admin):
    configs = configs_of(admin, ResourceType.BROKER, "1")
    assert configs["node.id"].value == "1" and configs["node.id"].is_read_only
    assert ConfigSource(configs["node.id"].source) == ConfigSource.STATIC_BROKER_CONFIG
    assert configs["group.initial.rebalance.delay.ms"].value == "0"
    assert {"log.retention.ms", "num.network.threads", "message.max.bytes"} <= configs.keys()


def test_a_read_only_broker_config_stays(admin):
    change = lambda: alter(admin, "1", (SET, "node.id", "2"), kind=ResourceType.BROKER)
    kit.fails_with(KafkaError.INVALID_REQUEST, change)


def test_a_dynamic_broker_config_counts_at_once_and_after_a_restart(own_broker):
    broker = own_broker()
    admin = kit.admin(broker.bootstrap)
    topic = kit.create_topic(servers=broker.bootstrap)
    change = lambda *operation: alter(admin, "1", operation, kind=ResourceType.BROKER)
    limit = lambda: configs_of(admin, ResourceType.BROKER, "1")["message.max.bytes"]
    change(SET, "message.max.bytes", "3000")
    eventually(lambda: limit().value == "3000", "the change")
    assert ConfigSource(limit().source) == ConfigSource.DYNAMIC_BROKER_CONFIG
    broker.stop()
    broker.resume()
    too_large = lambda: kit.produce(kit.producer(broker.bootstrap), topic, [{"value": b"x" * 5000}])
    kit.fails_with(KafkaError.MSG_SIZE_TOO_LARGE, too_large)
    change(DELETE, "message.max.bytes", None)
    eventually(lambda: limit().value == "1048588", "the default")
    assert too_large()[0].offset() == 0
