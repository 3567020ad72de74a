//! The settings of one log as plain values. Parsing and defaults by name live in the configuration
//! crate; what is here are the same defaults, for tests and tools.

/// What a topic's configuration says about its logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is closed before it grows beyond this.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment is closed when it is older than this.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: at most this much is taken off `segment_ms`, so that not all logs roll
    /// at once.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is closed when an index would grow beyond this.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: about one index entry per so many bytes.
    pub index_interval_bytes: u32,
    /// `retention.ms`: segments with nothing younger are deleted; negative keeps them.
    pub retention_ms: i64,
    /// `retention.bytes`: the oldest segments beyond this size are deleted; negative keeps them.
    pub retention_bytes: i64,
    /// `cleanup.policy` contains `delete`.
    pub delete: bool,
    /// `cleanup.policy` contains `compact`.
    pub compact: bool,
    /// `file.delete.delay.ms`: how long deleted files linger for readers that still send them.
    pub file_delete_delay_ms: i64,
    /// `producer.id.expiration.ms`: idle producers are forgotten after this.
    pub producer_id_expiration_ms: i64,
}

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_ms: WEEK_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: WEEK_MS,
            retention_bytes: -1,
            delete: true,
            compact: false,
            file_delete_delay_ms: 60_000,
            producer_id_expiration_ms: 24 * 3600 * 1000,
        }
    }
}
