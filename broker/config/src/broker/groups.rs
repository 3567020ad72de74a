//! Groups of every kind, and the topics that hold their state.

use std::sync::Arc;

use crate::findings::Findings;
use crate::values::Values;

/// Which kinds of groups are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols {
    pub classic: bool,
    pub consumer: bool,
    pub share: bool,
    pub streams: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupsConfig {
    pub protocols: Protocols,
    /// How long a coordinator gathers records before it writes; `None` adapts to the load.
    pub append_linger_ms: Option<u64>,
    pub classic: ClassicGroupsConfig,
    pub consumer: ConsumerGroupsConfig,
    pub share: ShareGroupsConfig,
    pub streams: StreamsGroupsConfig,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicGroupsConfig {
    pub initial_rebalance_delay_ms: i64,
    pub min_session_timeout_ms: i64,
    pub max_session_timeout_ms: i64,
    pub max_size: usize,
}

/// A default, and the bounds for groups that ask for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimingRange {
    pub default: i64,
    pub min: i64,
    pub max: i64,
}

/// How members of a group with server-side assignment stay alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupTiming {
    pub session_timeout_ms: TimingRange,
    pub heartbeat_interval_ms: TimingRange,
    pub max_size: usize,
}

/// Which way a group may change its protocol while members are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationPolicy {
    Disabled,
    /// From classic to consumer only.
    Upgrade,
    /// From consumer to classic only.
    Downgrade,
    Bidirectional,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupsConfig {
    pub timing: GroupTiming,
    /// The first is the default.
    pub assignors: Vec<Arc<str>>,
    pub migration: MigrationPolicy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareGroupsConfig {
    pub timing: GroupTiming,
    pub assignors: Vec<Arc<str>>,
    pub delivery_count_limit: i16,
    pub record_lock_ms: TimingRange,
    pub max_record_locks: usize,
    pub max_sessions: usize,
    pub state_topic: StateTopicConfig,
    pub state_min_insync_replicas: i32,
    pub state_append_linger_ms: Option<u64>,
    pub state_updates_per_snapshot: usize,
    pub state_write_timeout_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamsGroupsConfig {
    pub timing: GroupTiming,
    pub initial_rebalance_delay_ms: i64,
    pub standby_replicas: usize,
    pub max_standby_replicas: usize,
}

impl GroupsConfig {
    pub(crate) fn read(values: &Values, findings: &mut Findings<'_>) -> Self {
        let names = values.list("group.coordinator.rebalance.protocols");
        let serves = |name: &str| names.iter().any(|known| known == name);
        if !serves("classic") {
            let reason = "must hold classic, which cannot be switched off";
            findings.refuse("group.coordinator.rebalance.protocols", reason);
        }
        Self {
            protocols: Protocols {
                classic: true,
                consumer: serves("consumer"),
                share: serves("share"),
                streams: serves("streams"),
            },
            append_linger_ms: values.limit("group.coordinator.append.linger.ms"),
            classic: ClassicGroupsConfig {
                initial_rebalance_delay_ms: values.number("group.initial.rebalance.delay.ms"),
                min_session_timeout_ms: values.number("group.min.session.timeout.ms"),
                max_session_timeout_ms: values.number("group.max.session.timeout.ms"),
                max_size: values.size("group.max.size"),
            },
            consumer: ConsumerGroupsConfig {
                timing: timing(values, "consumer"),
                assignors: names_of(values.list("group.consumer.assignors")),
                migration: migration(values.text("group.consumer.migration.policy")),
            },
            share: share(values, findings),
            streams: StreamsGroupsConfig {
                timing: timing(values, "streams"),
                initial_rebalance_delay_ms: values
                    .number("group.streams.initial.rebalance.delay.ms"),
                standby_replicas: values.size("group.streams.num.standby.replicas"),
                max_standby_replicas: values.size("group.streams.max.standby.replicas"),
            },
        }
    }
}

fn share(values: &Values, findings: &mut Findings<'_>) -> ShareGroupsConfig {
    ShareGroupsConfig {
        timing: timing(values, "share"),
        assignors: names_of(values.list("group.share.assignors")),
        delivery_count_limit: i16::try_from(values.int("group.share.delivery.count.limit"))
            .unwrap_or(i16::MAX),
        record_lock_ms: TimingRange {
            default: values.number("group.share.record.lock.duration.ms"),
            min: values.number("group.share.min.record.lock.duration.ms"),
            max: values.number("group.share.max.record.lock.duration.ms"),
        },
        max_record_locks: values.size("group.share.partition.max.record.locks"),
        max_sessions: values.size("group.share.max.share.sessions"),
        state_topic: StateTopicConfig {
            partitions: values.int("share.coordinator.state.topic.num.partitions"),
            replication_factor: values.short("share.coordinator.state.topic.replication.factor"),
            segment_bytes: values.size("share.coordinator.state.topic.segment.bytes"),
            load_buffer_bytes: values.size("share.coordinator.load.buffer.size"),
            codec: codec(
                "share.coordinator.state.topic.compression.codec",
                values,
                findings,
            ),
        },
        state_min_insync_replicas: values.int("share.coordinator.state.topic.min.isr"),
        state_append_linger_ms: values.limit("share.coordinator.append.linger.ms"),
        state_updates_per_snapshot: values
            .size("share.coordinator.snapshot.update.records.per.snapshot"),
        state_write_timeout_ms: values.number("share.coordinator.write.timeout.ms"),
    }
}

fn timing(values: &Values, group: &str) -> GroupTiming {
    let range = |what: &str| {
        let number = |bound: &str| values.number(&format!("group.{group}.{bound}{what}"));
        TimingRange {
            default: number(""),
            min: number("min."),
            max: number("max."),
        }
    };
    GroupTiming {
        session_timeout_ms: range("session.timeout.ms"),
        heartbeat_interval_ms: range("heartbeat.interval.ms"),
        max_size: values.size(&format!("group.{group}.max.size")),
    }
}

fn names_of(names: &[String]) -> Vec<Arc<str>> {
    names.iter().map(|name| name.as_str().into()).collect()
}

fn migration(policy: Option<&str>) -> MigrationPolicy {
    match policy.unwrap_or_default().to_uppercase().as_str() {
        "UPGRADE" => MigrationPolicy::Upgrade,
        "DOWNGRADE" => MigrationPolicy::Downgrade,
        "DISABLED" => MigrationPolicy::Disabled,
        _ => MigrationPolicy::Bidirectional,
    }
}

/// A topic that holds a coordinator's state, as it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateTopicConfig {
    pub partitions: i32,
    pub replication_factor: i16,
    pub segment_bytes: usize,
    pub load_buffer_bytes: usize,
    pub codec: Codec,
}

/// Compression of a coordinator's own records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetsConfig {
    pub topic: StateTopicConfig,
    pub retention_ms: i64,
    pub retention_check_ms: i64,
    pub commit_timeout_ms: i64,
    pub max_metadata_bytes: usize,
}

impl OffsetsConfig {
    pub(crate) fn read(values: &Values, findings: &mut Findings<'_>) -> Self {
        let retention_minutes = values.number("offsets.retention.minutes");
        Self {
            topic: StateTopicConfig {
                partitions: values.int("offsets.topic.num.partitions"),
                replication_factor: values.short("offsets.topic.replication.factor"),
                segment_bytes: values.size("offsets.topic.segment.bytes"),
                load_buffer_bytes: values.size("offsets.load.buffer.size"),
                codec: codec("offsets.topic.compression.codec", values, findings),
            },
            retention_ms: retention_minutes.saturating_mul(60_000),
            retention_check_ms: values.number("offsets.retention.check.interval.ms"),
            commit_timeout_ms: values.number("offsets.commit.timeout.ms"),
            max_metadata_bytes: values.size("offset.metadata.max.bytes"),
        }
    }
}

fn codec(key: &str, values: &Values, findings: &mut Findings<'_>) -> Codec {
    match values.number(key) {
        0 => Codec::None,
        1 => Codec::Gzip,
        2 => Codec::Snappy,
        3 => Codec::Lz4,
        4 => Codec::Zstd,
        _ => {
            let reason = "must be 0 (none), 1 (gzip), 2 (snappy), 3 (lz4) or 4 (zstd)";
            findings.refuse(key, reason);
            Codec::None
        }
    }
}
