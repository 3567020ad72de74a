//! Broker settings: classic and consumer groups, and the offsets topic.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "group.coordinator.append.linger.ms": Int = "-1", Min(-1), ReadOnly, NotYet,
        "How long a coordinator gathers records before it writes them; -1 adapts to the load.";
    "group.coordinator.rebalance.protocols": List = "classic,consumer,streams", EachOf(&["consumer", "classic", "share", "streams"]), ReadOnly, NotYet,
        "Kinds of groups that are served.";
    "group.coordinator.threads": Int = "4", Min(1), ReadOnly, NoEffect,
        "Accepted; coordinators run on the async runtime.";
    "group.initial.rebalance.delay.ms": Int = "3000", Any, ReadOnly, Served,
        "How long the first rebalance of an empty classic group waits for more members.";
    "group.max.session.timeout.ms": Int = "1800000", Any, ReadOnly, Served,
        "Longest session timeout a classic member may ask for.";
    "group.max.size": Int = "2147483647", Min(1), ReadOnly, Served,
        "Most members of a classic group.";
    "group.min.session.timeout.ms": Int = "6000", Any, ReadOnly, Served,
        "Shortest session timeout a classic member may ask for.";
    "group.consumer.assignors": List = "uniform,range", Any, ReadOnly, NotYet,
        "Assignors of consumer groups, the first being the default.";
    "group.consumer.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Time between heartbeats of consumer group members.";
    "group.consumer.max.heartbeat.interval.ms": Int = "15000", Min(1), ReadOnly, NotYet,
        "Largest heartbeat interval a consumer group may be given.";
    "group.consumer.max.session.timeout.ms": Int = "60000", Min(1), ReadOnly, NotYet,
        "Largest session timeout a consumer group may be given.";
    "group.consumer.max.size": Int = "2147483647", Min(1), ReadOnly, NotYet,
        "Most members of a consumer group.";
    "group.consumer.migration.policy": String = "bidirectional", OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), ReadOnly, NotYet,
        "Which way a group may change between the classic and the consumer protocol while it runs.";
    "group.consumer.min.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Smallest heartbeat interval a consumer group may be given.";
    "group.consumer.min.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Smallest session timeout a consumer group may be given.";
    "group.consumer.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Silence after which a consumer group member is removed.";
    "offset.metadata.max.bytes": Int = "4096", Any, ReadOnly, Served,
        "Largest note a client may store with an offset.";
    "offsets.commit.required.acks": Short = "-1", Any, ReadOnly, NoEffect,
        "Accepted for old files; a commit always waits for the in-sync replicas.";
    "offsets.commit.timeout.ms": Int = "5000", Min(1), ReadOnly, Served,
        "How long an offset commit waits for its replicas.";
    "offsets.load.buffer.size": Int = "5242880", Min(1), ReadOnly, Served,
        "Bytes read at a time when a coordinator loads its partition.";
    "offsets.retention.check.interval.ms": Long = "600000", Min(1), ReadOnly, Served,
        "Time between two looks for offsets that have expired.";
    "offsets.retention.minutes": Int = "10080", Min(1), ReadOnly, Served,
        "How long the offsets of an empty group are kept.";
    "offsets.topic.compression.codec": Int = "0", Any, ReadOnly, NotYet,
        "Compression of the offsets topic: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.";
    "offsets.topic.num.partitions": Int = "50", Min(1), ReadOnly, Served,
        "Partitions of the offsets topic; must not change once it exists.";
    "offsets.topic.replication.factor": Short = "3", Min(1), ReadOnly, Served,
        "Replicas of the offsets topic.";
    "offsets.topic.segment.bytes": Int = "104857600", Min(1), ReadOnly, Served,
        "Segment size of the offsets topic.";
}
