//! Changes while brokers run, as Kafka takes and refuses them, and the settings they leave.

use std::collections::BTreeMap;

use millrace_config::{
    AlterError, AlterOp, Alteration, BrokerLayers, Change, CleanupPolicy, Compression, Resource,
    Target, ThrottledReplica, ThrottledReplicas, TimestampType, TopicConfig, alter, replace,
};

type Map = BTreeMap<String, String>;

/// `name=value` pairs between semicolons.
fn map(text: &str) -> Map {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Wishes like `SET a=b; DELETE c`, and what comes of them.
fn run(target: Target, own: &str, wishes: &str) -> Result<Vec<Change>, AlterError> {
    let wishes: Vec<_> = wishes.split("; ").map(wish).collect();
    let statics = map("log.cleanup.policy=compact");
    alter(
        target,
        &map(own),
        &BrokerLayers::at_start(&statics),
        &wishes,
    )
}

fn wish(text: &str) -> Alteration<'_> {
    let (op, assignment) = text.split_once(' ').expect("an operation and a name");
    let op = match op {
        "SET" => AlterOp::Set,
        "DELETE" => AlterOp::Delete,
        "APPEND" => AlterOp::Append,
        _ => AlterOp::Subtract,
    };
    match assignment.split_once('=') {
        Some((name, value)) => Alteration {
            op,
            name,
            value: Some(value),
        },
        None => Alteration {
            op,
            name: assignment,
            value: None,
        },
    }
}

fn shown(changes: &[Change]) -> String {
    let lines: Vec<_> = changes
        .iter()
        .map(|change| match &change.value {
            Some(value) => format!("{}={value}", change.name),
            None => format!("-{}", change.name),
        })
        .collect();
    lines.join(" ")
}

/// The settings there are, the wishes, and what is written down.
const TAKEN: &[(Target, &str, &str, &str)] = &[
    (
        Target::Topic,
        "",
        "SET retention.ms= 77 ",
        "retention.ms= 77 ",
    ),
    (Target::Topic, "retention.ms=7", "SET retention.ms=7", ""),
    (
        Target::Topic,
        "retention.ms=7",
        "DELETE retention.ms",
        "-retention.ms",
    ),
    (Target::Topic, "", "DELETE retention.ms", ""),
    (Target::Topic, "", "DELETE nope", ""),
    (
        Target::Topic,
        "",
        "APPEND cleanup.policy=delete",
        "cleanup.policy=compact,delete",
    ),
    (
        Target::Topic,
        "cleanup.policy=delete",
        "APPEND cleanup.policy=delete",
        "",
    ),
    (
        Target::Topic,
        "",
        "SUBTRACT cleanup.policy=compact,delete",
        "cleanup.policy=",
    ),
    (
        Target::Topic,
        "",
        "SET message.downconversion.enable=true",
        "",
    ),
    (
        Target::Topic,
        "",
        "SET internal.segment.bytes=100",
        "internal.segment.bytes=100",
    ),
    (
        Target::Topic,
        "min.compaction.lag.ms=5",
        "SET max.compaction.lag.ms=2; SET min.compaction.lag.ms=1",
        "max.compaction.lag.ms=2 min.compaction.lag.ms=1",
    ),
    (
        Target::Broker,
        "",
        "SET log.retention.ms=3000",
        "log.retention.ms=3000",
    ),
    (
        Target::Cluster,
        "",
        "SET leader.replication.throttled.rate=9",
        "leader.replication.throttled.rate=9",
    ),
    (
        Target::Cluster,
        "",
        "APPEND log.cleanup.policy=delete",
        "log.cleanup.policy=compact,delete",
    ),
    (
        Target::Cluster,
        "",
        "SET listener.name.internal.max.connections=7",
        "listener.name.internal.max.connections=7",
    ),
    (
        Target::Broker,
        "listener.name.a.max.connections=7",
        "DELETE listener.name.a.max.connections",
        "-listener.name.a.max.connections",
    ),
    (
        Target::Cluster,
        "",
        "SET max.connections.per.ip.overrides=10.0.0.1:5,b:0",
        "max.connections.per.ip.overrides=10.0.0.1:5,b:0",
    ),
    (
        Target::Group,
        "",
        "SET consumer.session.timeout.ms=50000",
        "consumer.session.timeout.ms=50000",
    ),
];

#[test]
fn takes_what_kafka_takes() {
    for (target, own, wishes, expected) in TAKEN {
        let changes = run(*target, own, wishes).expect(wishes);
        assert_eq!(shown(&changes), *expected, "{wishes}");
    }
}

const REFUSED: &[(Target, &str, &str)] = &[
    (
        Target::Topic,
        "SET nope=1",
        "INVALID_CONFIG Unknown topic config name: nope",
    ),
    (
        Target::Topic,
        "SET segment.bytes=5",
        "INVALID_CONFIG Invalid value 5 for configuration segment.bytes: Value must be at least 1048576",
    ),
    (
        Target::Topic,
        "SET segment.bytes=x",
        "INVALID_CONFIG Invalid value x for configuration segment.bytes: Not a number of type INT",
    ),
    (
        Target::Topic,
        "SET retention.ms",
        "INVALID_REQUEST Null value not supported for : retention.ms",
    ),
    (
        Target::Topic,
        "APPEND segment.bytes=1",
        "INVALID_CONFIG Can't APPEND to key segment.bytes because its type is not LIST.",
    ),
    (
        Target::Topic,
        "SUBTRACT nope=x",
        "INVALID_CONFIG Can't SUBTRACT to key nope because its type is not LIST.",
    ),
    (
        Target::Topic,
        "APPEND cleanup.policy=bogus",
        "INVALID_CONFIG Invalid value compact,bogus for configuration cleanup.policy: String must be one of: compact, delete",
    ),
    (
        Target::Topic,
        "SET retention.ms=1; SET retention.ms=2",
        "INVALID_REQUEST Error due to duplicate config keys",
    ),
    (
        Target::Topic,
        "SET min.compaction.lag.ms=10; SET max.compaction.lag.ms=2",
        "INVALID_CONFIG conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (2)",
    ),
    (
        Target::Topic,
        "SET remote.storage.enable=true",
        "INVALID_CONFIG Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
    ),
    (
        Target::Broker,
        "SET node.id=3",
        "INVALID_REQUEST Cannot update these configs dynamically: node.id",
    ),
    (
        Target::Broker,
        "SET nope=3",
        "INVALID_CONFIG Unknown broker config name: nope",
    ),
    (
        Target::Broker,
        "SET ssl.keystore.password=x",
        "INVALID_REQUEST These security configs can be dynamically updated only per-listener using the listener prefix: ssl.keystore.password",
    ),
    (
        Target::Broker,
        "SET listener.name.a.ssl.key.password=x",
        "INVALID_REQUEST listener.name.a.ssl.key.password is not served by this version",
    ),
    (
        Target::Cluster,
        "SET listener.name.a.max.connections=-1",
        "INVALID_REQUEST Invalid value -1 for configuration listener.name.a.max.connections: Value must be at least 0",
    ),
    (
        Target::Topic,
        "SET listener.name.a.max.connections=1",
        "INVALID_CONFIG Unknown topic config name: listener.name.a.max.connections",
    ),
    (
        Target::Cluster,
        "SET max.connections.per.ip.overrides=a",
        "INVALID_REQUEST Invalid value a for configuration max.connections.per.ip.overrides: \"a\" is not of the form host:count",
    ),
    (
        Target::Cluster,
        "SET principal.builder.class=x",
        "INVALID_REQUEST Cannot update these configs at default cluster level, broker id must be specified: principal.builder.class",
    ),
    (
        Target::Cluster,
        "SET log.cleaner.threads=x",
        "INVALID_REQUEST Invalid value x for configuration log.cleaner.threads: Not a number of type INT",
    ),
    (
        Target::Cluster,
        "APPEND max.connections=1",
        "INVALID_CONFIG Can't APPEND to key max.connections because its type is not LIST.",
    ),
    (
        Target::Cluster,
        "SET log.cleaner.dedupe.buffer.size=5",
        "INVALID_REQUEST log.cleaner.dedupe.buffer.size: must be above 1048576 for each cleaner thread",
    ),
    (
        Target::Broker,
        "SET log.cleaner.min.compaction.lag.ms=9; SET log.cleaner.max.compaction.lag.ms=8",
        "INVALID_REQUEST log.cleaner.min.compaction.lag.ms: must not be above log.cleaner.max.compaction.lag.ms, which is 8",
    ),
    (
        Target::Group,
        "SET nope=5",
        "INVALID_CONFIG Unknown group config name: nope",
    ),
    (
        Target::Group,
        "SET consumer.session.timeout.ms=5",
        "INVALID_CONFIG consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
    ),
    (
        Target::Group,
        "SET share.record.lock.duration.ms=100000",
        "INVALID_CONFIG share.record.lock.duration.ms must be less than or equal to group.share.max.record.lock.duration.ms",
    ),
    (
        Target::Group,
        "SET streams.num.standby.replicas=9",
        "INVALID_CONFIG streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas",
    ),
];

#[test]
fn refuses_what_kafka_refuses_in_its_words() {
    for (target, wishes, expected) in REFUSED {
        let error = run(*target, "", wishes).expect_err(wishes);
        assert_eq!(format!("{} {error}", error.code()), *expected);
    }
}

#[test]
fn replacing_drops_what_is_not_wanted() {
    let own = map("retention.ms=1;segment.ms=2;cleanup.policy=compact");
    let wanted = [
        ("retention.ms", Some("1")),
        ("max.message.bytes", Some("9")),
    ];
    let layers = BrokerLayers::at_start(&());
    let changes = replace(Target::Topic, &own, &layers, &wanted).unwrap();
    assert_eq!(
        shown(&changes),
        "-cleanup.policy max.message.bytes=9 -segment.ms"
    );
}

#[test]
fn operations_have_kafkas_numbers() {
    let codes: Vec<_> = (-1..=4).map(AlterOp::from_code).collect();
    let (set, delete) = (Some(AlterOp::Set), Some(AlterOp::Delete));
    let (append, subtract) = (Some(AlterOp::Append), Some(AlterOp::Subtract));
    assert_eq!(codes, [None, set, delete, append, subtract, None]);
}

#[test]
fn a_topics_settings_mean_what_they_say() {
    let own = map(
        "cleanup.policy=compact,delete;compression.type=zstd;compression.zstd.level=7;\
         flush.messages=1;leader.replication.throttled.replicas=0:1,2:3;\
         follower.replication.throttled.replicas=*;local.retention.ms=-2;retention.ms=9;\
         local.retention.bytes=-1;retention.bytes=77;message.timestamp.type=LogAppendTime;\
         internal.segment.bytes=512;min.insync.replicas=2",
    );
    let topic = TopicConfig::resolve(&own, &BrokerLayers::at_start(&()));
    let both = CleanupPolicy {
        delete: true,
        compact: true,
    };
    assert_eq!(topic.cleanup, both);
    assert_eq!(topic.compression, Compression::Zstd { level: 7 });
    assert_eq!(topic.flush_messages, Some(1));
    assert_eq!(topic.flush_ms, None);
    let replica = |partition, broker| ThrottledReplica { partition, broker };
    let throttled = ThrottledReplicas::Some(vec![replica(0, 1), replica(2, 3)]);
    assert_eq!(topic.leader_throttled, throttled);
    assert_eq!(topic.follower_throttled, ThrottledReplicas::All);
    assert_eq!(topic.local_retention_ms, Some(9));
    assert_eq!(topic.local_retention_bytes, None);
    assert_eq!(topic.retention_bytes, Some(77));
    assert_eq!(topic.timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(topic.segment_bytes, 512);
    assert_eq!(topic.min_insync_replicas, 2);
}

#[test]
fn every_topic_default_may_be_set_as_an_override() {
    for key in Resource::Topic.keys() {
        let Some(default) = key.default else { continue };
        let wish = Alteration {
            op: AlterOp::Set,
            name: key.name,
            value: Some(default),
        };
        let layers = BrokerLayers::at_start(&());
        alter(Target::Topic, &(), &layers, &[wish]).expect(key.name);
    }
}
