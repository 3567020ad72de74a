//! The settings of a topic as its logs want them.

use millrace_config::TopicConfig;
use millrace_log::LogConfig;

/// How a log is told that there is no limit.
const UNLIMITED: i64 = -1;

pub(super) fn log_config(topic: &TopicConfig, producer_id_expiration_ms: i64) -> LogConfig {
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    LogConfig {
        segment_bytes: topic.segment_bytes,
        segment_ms: segment_ms(topic),
        segment_jitter_ms: topic.segment_jitter_ms,
        segment_index_bytes: u32::try_from(topic.segment_index_bytes).unwrap_or(u32::MAX),
        index_interval_bytes: u32::try_from(topic.index_interval_bytes).unwrap_or(u32::MAX),
        retention_ms: topic.retention_ms.unwrap_or(UNLIMITED),
        retention_bytes: topic.retention_bytes.map_or(UNLIMITED, bytes),
        delete: topic.cleanup.delete,
        compact: topic.cleanup.compact,
        file_delete_delay_ms: topic.file_delete_delay_ms,
        producer_id_expiration_ms,
    }
}

/// A compacted topic closes its segments in time for the cleaner to see every record while it is
/// young enough.
fn segment_ms(topic: &TopicConfig) -> i64 {
    if topic.cleanup.compact {
        topic.segment_ms.min(topic.max_compaction_lag_ms)
    } else {
        topic.segment_ms
    }
}
