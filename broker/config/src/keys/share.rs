//! Broker settings: share groups, streams groups and the share state topic.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "group.share.assignors": List = "simple", Any, ReadOnly, NotYet,
        "Assignors of share groups, the first being the default.";
    "group.share.delivery.count.limit": Int = "5", Between(2, 10), ReadOnly, NotYet,
        "How often a record is delivered before it counts as undeliverable.";
    "group.share.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Time between heartbeats of share group members.";
    "group.share.max.heartbeat.interval.ms": Int = "15000", Min(1), ReadOnly, NotYet,
        "Largest heartbeat interval a share group may be given.";
    "group.share.max.record.lock.duration.ms": Int = "60000", Between(30_000, 3_600_000), ReadOnly, NotYet,
        "Longest record lock a share group may be given.";
    "group.share.max.session.timeout.ms": Int = "60000", Min(1), ReadOnly, NotYet,
        "Largest session timeout a share group may be given.";
    "group.share.max.share.sessions": Int = "2000", Min(1), ReadOnly, NotYet,
        "Share sessions remembered at once.";
    "group.share.max.size": Int = "200", Between(1, 1000), ReadOnly, NotYet,
        "Most members of a share group.";
    "group.share.min.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Smallest heartbeat interval a share group may be given.";
    "group.share.min.record.lock.duration.ms": Int = "15000", Between(1000, 30_000), ReadOnly, NotYet,
        "Shortest record lock a share group may be given.";
    "group.share.min.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Smallest session timeout a share group may be given.";
    "group.share.partition.max.record.locks": Int = "2000", Between(100, 10_000), ReadOnly, NotYet,
        "Records of one partition out for delivery at once.";
    "group.share.record.lock.duration.ms": Int = "30000", Between(1000, 3_600_000), ReadOnly, NotYet,
        "How long a member holds a delivered record before others may have it.";
    "group.share.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Silence after which a share group member is removed.";
    "share.coordinator.append.linger.ms": Int = "-1", Min(-1), ReadOnly, NotYet,
        "How long the share coordinator gathers records before it writes them; -1 adapts to \
         the load.";
    "share.coordinator.load.buffer.size": Int = "5242880", Min(1), ReadOnly, NotYet,
        "Bytes read at a time when the share coordinator loads its partition.";
    "share.coordinator.snapshot.update.records.per.snapshot": Int = "500", Min(0), ReadOnly, NotYet,
        "Updates written between two full snapshots of a share partition.";
    "share.coordinator.state.topic.compression.codec": Int = "0", Any, ReadOnly, NotYet,
        "Compression of the share state topic: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.";
    "share.coordinator.state.topic.min.isr": Short = "2", Min(1), ReadOnly, Served,
        "min.insync.replicas of the share state topic.";
    "share.coordinator.state.topic.num.partitions": Int = "50", Min(1), ReadOnly, Served,
        "Partitions of the share state topic; must not change once it exists.";
    "share.coordinator.state.topic.replication.factor": Short = "3", Min(1), ReadOnly, Served,
        "Replicas of the share state topic.";
    "share.coordinator.state.topic.segment.bytes": Int = "104857600", Min(1), ReadOnly, Served,
        "Segment size of the share state topic.";
    "share.coordinator.threads": Int = "1", Min(1), ReadOnly, NoEffect,
        "Accepted; coordinators run on the async runtime.";
    "share.coordinator.write.timeout.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "How long a write of the share coordinator waits for its replicas.";
    "group.streams.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Time between heartbeats of streams group members.";
    "group.streams.initial.rebalance.delay.ms": Int = "3000", Min(0), ReadOnly, NotYet,
        "How long the first assignment of an empty streams group waits for more members.";
    "group.streams.max.heartbeat.interval.ms": Int = "15000", Min(1), ReadOnly, NotYet,
        "Largest heartbeat interval a streams group may be given.";
    "group.streams.max.session.timeout.ms": Int = "60000", Min(1), ReadOnly, NotYet,
        "Largest session timeout a streams group may be given.";
    "group.streams.max.size": Int = "2147483647", Min(1), ReadOnly, NotYet,
        "Most members of a streams group.";
    "group.streams.max.standby.replicas": Int = "2", Min(0), ReadOnly, NotYet,
        "Most standby copies a streams group may ask for.";
    "group.streams.min.heartbeat.interval.ms": Int = "5000", Min(1), ReadOnly, NotYet,
        "Smallest heartbeat interval a streams group may be given.";
    "group.streams.min.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Smallest session timeout a streams group may be given.";
    "group.streams.num.standby.replicas": Int = "0", Min(0), ReadOnly, NotYet,
        "Standby copies of each stateful task.";
    "group.streams.session.timeout.ms": Int = "45000", Min(1), ReadOnly, NotYet,
        "Silence after which a streams group member is removed.";
}
