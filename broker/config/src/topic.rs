//! What a topic's settings mean, once its own and the broker's are put together.

use crate::keys::Resource;
use crate::settings::{BrokerLayers, Settings};
use crate::values::Values;

/// Everything a partition's log, its leader and its cleaner need to know about their topic.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    pub cleanup: CleanupPolicy,
    pub compression: Compression,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    /// Records between two forced flushes; `None` leaves flushing to the system.
    pub flush_messages: Option<u64>,
    /// Longest wait for a forced flush; `None` leaves flushing to the system.
    pub flush_ms: Option<u64>,
    pub follower_throttled: ThrottledReplicas,
    pub leader_throttled: ThrottledReplicas,
    pub index_interval_bytes: usize,
    /// Bytes to keep on local disk when the topic is tiered; `None` is no limit.
    pub local_retention_bytes: Option<u64>,
    pub local_retention_ms: Option<i64>,
    pub max_compaction_lag_ms: i64,
    pub min_compaction_lag_ms: i64,
    pub max_message_bytes: usize,
    pub timestamp_after_max_ms: i64,
    pub timestamp_before_max_ms: i64,
    pub timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: f64,
    pub min_insync_replicas: usize,
    pub preallocate: bool,
    pub remote_storage: bool,
    pub remote_copy_disabled: bool,
    pub remote_delete_on_disable: bool,
    /// Size at which old segments go; `None` is no limit.
    pub retention_bytes: Option<u64>,
    /// Age at which segments go; `None` keeps them for ever.
    pub retention_ms: Option<i64>,
    pub segment_bytes: u32,
    pub segment_index_bytes: usize,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
    pub unclean_leader_election: bool,
}

/// What happens to old data. Neither flag keeps everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    pub delete: bool,
    pub compact: bool,
}

/// How the broker stores records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As the producer sent them.
    Producer,
    Uncompressed,
    /// `None` is the codec's own default level.
    Gzip {
        level: Option<u32>,
    },
    Snappy,
    Lz4,
    Zstd {
        level: i32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    CreateTime,
    LogAppendTime,
}

/// Replicas whose replication is slowed down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThrottledReplicas {
    All,
    Some(Vec<ThrottledReplica>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottledReplica {
    pub partition: i32,
    pub broker: i32,
}

impl TopicConfig {
    /// `own` are the topic's overrides. A stored value that cannot be read counts as not set:
    /// it was refused when it came, or it was written by a version that read it differently.
    #[must_use]
    pub fn resolve(own: &dyn Settings, broker: &BrokerLayers<'_>) -> Self {
        Self::read(&Values::of(Resource::Topic, own, broker))
    }

    pub(crate) fn read(values: &Values) -> Self {
        let retention_bytes = values.limit("retention.bytes");
        let retention_ms = age(values.number("retention.ms"));
        Self {
            cleanup: cleanup(values),
            compression: compression(values),
            delete_retention_ms: values.number("delete.retention.ms"),
            file_delete_delay_ms: values.number("file.delete.delay.ms"),
            flush_messages: below_max(values.number("flush.messages")),
            flush_ms: below_max(values.number("flush.ms")),
            follower_throttled: throttled(values.list("follower.replication.throttled.replicas")),
            leader_throttled: throttled(values.list("leader.replication.throttled.replicas")),
            index_interval_bytes: values.size("index.interval.bytes"),
            local_retention_bytes: match values.number("local.retention.bytes") {
                FOLLOWS_RETENTION => retention_bytes,
                _ => values.limit("local.retention.bytes"),
            },
            local_retention_ms: match values.number("local.retention.ms") {
                FOLLOWS_RETENTION => retention_ms,
                other => age(other),
            },
            max_compaction_lag_ms: values.number("max.compaction.lag.ms"),
            min_compaction_lag_ms: values.number("min.compaction.lag.ms"),
            max_message_bytes: values.size("max.message.bytes"),
            timestamp_after_max_ms: values.number("message.timestamp.after.max.ms"),
            timestamp_before_max_ms: values.number("message.timestamp.before.max.ms"),
            timestamp_type: match values.text("message.timestamp.type") {
                Some("LogAppendTime") => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            min_cleanable_dirty_ratio: values.double("min.cleanable.dirty.ratio"),
            min_insync_replicas: values.size("min.insync.replicas"),
            preallocate: values.flag("preallocate"),
            remote_storage: values.flag("remote.storage.enable"),
            remote_copy_disabled: values.flag("remote.log.copy.disable"),
            remote_delete_on_disable: values.flag("remote.log.delete.on.disable"),
            retention_bytes,
            retention_ms,
            segment_bytes: segment_bytes(values),
            segment_index_bytes: values.size("segment.index.bytes"),
            segment_jitter_ms: values.number("segment.jitter.ms"),
            segment_ms: values.number("segment.ms"),
            unclean_leader_election: values.flag("unclean.leader.election.enable"),
        }
    }
}

impl Default for TopicConfig {
    /// A topic without settings on a broker without settings.
    fn default() -> Self {
        Self::resolve(&(), &BrokerLayers::at_start(&()))
    }
}

const FOLLOWS_RETENTION: i64 = -2;

fn age(ms: i64) -> Option<i64> {
    (ms >= 0).then_some(ms)
}

/// Kafka writes "never" as the largest number there is.
fn below_max(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|_| number != i64::MAX)
}

fn cleanup(values: &Values) -> CleanupPolicy {
    let policies = values.list("cleanup.policy");
    CleanupPolicy {
        delete: policies.iter().any(|policy| policy == "delete"),
        compact: policies.iter().any(|policy| policy == "compact"),
    }
}

fn compression(values: &Values) -> Compression {
    let level = |name| u32::try_from(values.number(name)).ok();
    match values.text("compression.type") {
        Some("uncompressed") => Compression::Uncompressed,
        Some("gzip") => Compression::Gzip {
            level: level("compression.gzip.level"),
        },
        Some("snappy") => Compression::Snappy,
        Some("lz4") => Compression::Lz4,
        Some("zstd") => Compression::Zstd {
            level: values.int("compression.zstd.level"),
        },
        _ => Compression::Producer,
    }
}

fn segment_bytes(values: &Values) -> u32 {
    let internal = values.number_if_set("internal.segment.bytes");
    let bytes = internal.unwrap_or_else(|| values.number("segment.bytes"));
    u32::try_from(bytes).unwrap_or_default()
}

fn throttled(elements: &[String]) -> ThrottledReplicas {
    if elements == ["*"] {
        return ThrottledReplicas::All;
    }
    let replicas = elements.iter().filter_map(|pair| {
        let (partition, broker) = pair.split_once(':')?;
        Some(ThrottledReplica {
            partition: partition.parse().ok()?,
            broker: broker.parse().ok()?,
        })
    });
    ThrottledReplicas::Some(replicas.collect())
}
