//! What to clean, and when: how dirty a log is, which log comes first, which segments become one.
//! Pure: reads no file and no clock.

use millrace_types::{Offset, Timestamp};

use crate::rewrite::SegmentInfo;

/// What a topic's configuration says about its compaction.
#[derive(Clone, Debug, PartialEq)]
pub struct CleanConfig {
    /// `min.cleanable.dirty.ratio`
    pub min_dirty_ratio: f64,
    /// `min.compaction.lag.ms`: younger records stay as they are.
    pub min_lag_ms: i64,
    /// `max.compaction.lag.ms`: older records are cleaned however little there is to do.
    pub max_lag_ms: i64,
    /// `delete.retention.ms`: how long readers have to see a tombstone.
    pub delete_retention_ms: i64,
    /// `segment.bytes`
    pub segment_bytes: u32,
    /// `index.interval.bytes`
    pub index_interval_bytes: u32,
    /// To how many bytes the records of one batch may expand.
    pub max_expanded_bytes: usize,
    /// `log.cleaner.io.buffer.size`: how much is read at once.
    pub io_buffer_bytes: usize,
}

impl Default for CleanConfig {
    fn default() -> Self {
        Self {
            min_dirty_ratio: 0.5,
            min_lag_ms: 0,
            max_lag_ms: i64::MAX,
            delete_retention_ms: 24 * 3600 * 1000,
            segment_bytes: 1 << 30,
            index_interval_bytes: 4096,
            max_expanded_bytes: 64 << 20,
            io_buffer_bytes: 512 << 10,
        }
    }
}

/// The part of a log that a cleaning would look at, and what it would be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirtySpan {
    /// Everything before it was cleaned.
    pub first_dirty: Offset,
    /// Nothing from here on may be cleaned yet; a segment begins here.
    pub end: Offset,
    pub clean_bytes: u64,
    pub dirty_bytes: u64,
    /// Some dirty record is older than the configuration wants.
    pub is_overdue: bool,
    /// Of the segments that were looked at: a truncation makes all this void.
    pub(crate) generation: u64,
}

/// What the plan has to know of a log.
pub(crate) struct LogState<'a> {
    /// In ascending order.
    pub(crate) segments: &'a [SegmentInfo],
    pub(crate) start: Offset,
    /// Where the last cleaning ended, if there was one.
    pub(crate) checkpoint: Option<Offset>,
    /// Transactions from here on may still be open, or not be replicated.
    pub(crate) last_stable_offset: Offset,
    /// Of the first batch of each segment.
    pub(crate) first_timestamps: &'a [Option<Timestamp>],
    pub(crate) generation: u64,
}

impl DirtySpan {
    pub(crate) fn of(log: &LogState<'_>, config: &CleanConfig, now: Timestamp) -> Self {
        let log_end = log
            .segments
            .last()
            .map_or(log.start, |last| last.base_offset);
        // A checkpoint outside of the log is of another incarnation: everything is dirty.
        let first_dirty = log
            .checkpoint
            .filter(|offset| (log.start..=log_end).contains(offset))
            .unwrap_or(log.start);
        let is_closed = |segment: &SegmentInfo| {
            !segment.is_active
                && segment.next_offset <= log.last_stable_offset
                && !(segment.next_offset > first_dirty && is_too_young(segment, config, now))
        };
        let closed = log
            .segments
            .iter()
            .take_while(|segment| is_closed(segment))
            .count();
        let end = log
            .segments
            .get(closed)
            .map_or(first_dirty, |next| next.base_offset);
        let closed = &log.segments[..closed];
        let is_clean = |segment: &&SegmentInfo| segment.next_offset <= first_dirty;
        let clean = closed.iter().take_while(is_clean).count();
        let bytes = |segments: &[SegmentInfo]| segments.iter().map(|segment| segment.bytes).sum();
        let oldest_dirty = log.first_timestamps[clean..closed.len()]
            .iter()
            .flatten()
            .find(|&&timestamp| timestamp >= 0);
        Self {
            first_dirty,
            end: end.max(first_dirty),
            clean_bytes: bytes(&closed[..clean]),
            dirty_bytes: bytes(&closed[clean..]),
            is_overdue: oldest_dirty
                .is_some_and(|oldest| now.saturating_sub(*oldest) > config.max_lag_ms),
            generation: log.generation,
        }
    }

    /// Which part of the bytes is dirty.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a ratio needs no more than 53 bits"
    )]
    pub fn ratio(&self) -> f64 {
        let total = self.clean_bytes + self.dirty_bytes;
        if total == 0 {
            return 0.0;
        }
        self.dirty_bytes as f64 / total as f64
    }

    #[must_use]
    pub fn needs_cleaning(&self, config: &CleanConfig) -> bool {
        self.dirty_bytes > 0 && (self.is_overdue || self.ratio() > config.min_dirty_ratio)
    }
}

fn is_too_young(segment: &SegmentInfo, config: &CleanConfig, now: Timestamp) -> bool {
    config.min_lag_ms > 0 && segment.max_timestamp.timestamp > now.saturating_sub(config.min_lag_ms)
}

/// The log to clean first among those that need it.
pub fn dirtiest<L>(logs: impl IntoIterator<Item = (L, DirtySpan)>) -> Option<(L, DirtySpan)> {
    let dirtier = |one: &DirtySpan, other: &DirtySpan| one.ratio().total_cmp(&other.ratio());
    logs.into_iter()
        .max_by(|(_, one), (_, other)| dirtier(one, other))
}

/// Cuts the segments that begin before `end` into groups, each of which fits one new segment.
pub(crate) fn group(
    segments: &[SegmentInfo],
    end: Offset,
    config: &CleanConfig,
) -> Vec<Vec<SegmentInfo>> {
    let mut groups: Vec<Vec<SegmentInfo>> = Vec::new();
    let mut bytes = 0;
    for segment in segments
        .iter()
        .take_while(|segment| segment.base_offset < end)
    {
        let fits = |group: &&mut Vec<SegmentInfo>| {
            let base_offset = group[0].base_offset;
            // One that ends without a batch cannot lend its end to others.
            segment.bytes > 0
                && bytes + segment.bytes <= u64::from(config.segment_bytes)
                && segment.next_offset - base_offset <= Offset::from(i32::MAX)
        };
        match groups.last_mut().filter(fits) {
            Some(group) => {
                group.push(*segment);
                bytes += segment.bytes;
            }
            None => {
                groups.push(vec![*segment]);
                bytes = segment.bytes;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests;
