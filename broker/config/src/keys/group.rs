//! Settings of a group, with the broker settings they default to.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "consumer.heartbeat.interval.ms": Int = "5000", Min(1), ClusterWide, NotYet,
        "Time between heartbeats of the group's consumers.",
        from ["group.consumer.heartbeat.interval.ms" * 1];
    "consumer.session.timeout.ms": Int = "45000", Min(1), ClusterWide, NotYet,
        "Silence after which a consumer of the group is removed.",
        from ["group.consumer.session.timeout.ms" * 1];
    "share.auto.offset.reset": String = "latest", OffsetReset, ClusterWide, NotYet,
        "Where a share group without offsets starts: `latest`, `earliest` or `by_duration:<ISO \
         8601 duration>`.";
    "share.heartbeat.interval.ms": Int = "5000", Min(1), ClusterWide, NotYet,
        "Time between heartbeats of the share group's members.",
        from ["group.share.heartbeat.interval.ms" * 1];
    "share.isolation.level": String = "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"]), ClusterWide, NotYet,
        "Whether the share group reads records of open and aborted transactions.";
    "share.record.lock.duration.ms": Int = "30000", Min(1000), ClusterWide, NotYet,
        "How long a member of the share group holds a delivered record before others may have it.",
        from ["group.share.record.lock.duration.ms" * 1];
    "share.session.timeout.ms": Int = "45000", Min(1), ClusterWide, NotYet,
        "Silence after which a member of the share group is removed.",
        from ["group.share.session.timeout.ms" * 1];
    "streams.heartbeat.interval.ms": Int = "5000", Min(1), ClusterWide, NotYet,
        "Time between heartbeats of the streams group's members.",
        from ["group.streams.heartbeat.interval.ms" * 1];
    "streams.initial.rebalance.delay.ms": Int = "3000", Min(0), ClusterWide, NotYet,
        "How long the first assignment of an empty streams group waits for more members.",
        from ["group.streams.initial.rebalance.delay.ms" * 1];
    "streams.num.standby.replicas": Int = "0", Min(0), ClusterWide, NotYet,
        "Standby copies of each stateful task.",
        from ["group.streams.num.standby.replicas" * 1];
    "streams.session.timeout.ms": Int = "45000", Min(1), ClusterWide, NotYet,
        "Silence after which a member of the streams group is removed.",
        from ["group.streams.session.timeout.ms" * 1];
}
