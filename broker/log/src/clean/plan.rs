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
mod tests {
    use super::*;
    use crate::segment::TimestampOffset;

    const NOW: Timestamp = 1_000_000;

    /// Segments of ten offsets; the last one is active.
    fn segments(bytes_and_times: &[(u64, Timestamp)]) -> Vec<SegmentInfo> {
        let count = bytes_and_times.len();
        (0..)
            .zip(bytes_and_times)
            .map(|(index, &(bytes, timestamp))| SegmentInfo {
                base_offset: 10 * index,
                next_offset: 10 * index + 10,
                bytes,
                max_timestamp: TimestampOffset {
                    timestamp,
                    offset: 10 * index,
                },
                is_active: usize::try_from(index) == Ok(count - 1),
            })
            .collect()
    }

    fn span(segments: &[SegmentInfo], checkpoint: Option<Offset>, stable: Offset) -> DirtySpan {
        span_with(segments, checkpoint, stable, &CleanConfig::default())
    }

    fn span_with(
        segments: &[SegmentInfo],
        checkpoint: Option<Offset>,
        last_stable_offset: Offset,
        config: &CleanConfig,
    ) -> DirtySpan {
        let first_timestamps: Vec<_> = segments
            .iter()
            .map(|segment| Some(segment.max_timestamp.timestamp - 10))
            .collect();
        let log = LogState {
            segments,
            start: 0,
            checkpoint,
            last_stable_offset,
            first_timestamps: &first_timestamps,
            generation: 0,
        };
        DirtySpan::of(&log, config, NOW)
    }

    #[test]
    fn all_closed_segments_behind_the_checkpoint_are_dirty() {
        let log = segments(&[(100, 1), (200, 2), (400, 3), (800, 4)]);
        for (checkpoint, stable, expected) in [
            (None, 1000, (0, 30, 0, 700)),
            (Some(10), 1000, (10, 30, 100, 600)),
            (Some(15), 1000, (15, 30, 100, 600)),
            (Some(30), 1000, (30, 30, 700, 0)),
            (Some(31), 1000, (0, 30, 0, 700)),
            (Some(10), 25, (10, 20, 100, 200)),
            (Some(20), 5, (20, 20, 0, 0)),
            (None, 0, (0, 0, 0, 0)),
        ] {
            let span = span(&log, checkpoint, stable);
            let found = (
                span.first_dirty,
                span.end,
                span.clean_bytes,
                span.dirty_bytes,
            );
            assert_eq!(found, expected, "{checkpoint:?} {stable}");
        }
    }

    #[test]
    fn the_active_segment_alone_is_never_dirty() {
        let span = span(&segments(&[(100, 1)]), None, 1000);
        assert_eq!(
            (
                span.dirty_bytes,
                span.needs_cleaning(&CleanConfig::default())
            ),
            (0, false)
        );
    }

    #[test]
    fn young_segments_wait_and_what_is_behind_them() {
        let log = segments(&[(100, 1), (200, NOW - 5), (400, 3), (800, 4)]);
        let config = CleanConfig {
            min_lag_ms: 10,
            ..CleanConfig::default()
        };
        assert_eq!(span_with(&log, None, 1000, &config).end, 10);
        // What was cleaned already does not get in the way.
        let cleaned = span_with(&log, Some(20), 1000, &config);
        assert_eq!((cleaned.end, cleaned.dirty_bytes), (30, 400));
    }

    #[test]
    fn a_log_needs_cleaning_when_it_is_dirty_enough_or_overdue() {
        let log = segments(&[(600, 100), (400, NOW - 1000), (1, NOW)]);
        let dirty = span(&log, Some(10), 1000);
        for (min_dirty_ratio, max_lag_ms, expected) in [
            (0.5, i64::MAX, false),
            (0.4, i64::MAX, false),
            (0.39, i64::MAX, true),
            (0.5, 1010, false),
            (0.5, 1009, true),
        ] {
            let config = CleanConfig {
                min_dirty_ratio,
                max_lag_ms,
                ..CleanConfig::default()
            };
            let span = span_with(&log, Some(10), 1000, &config);
            assert_eq!(
                span.needs_cleaning(&config),
                expected,
                "{min_dirty_ratio} {max_lag_ms}"
            );
        }
        let dirtier = span(&log, Some(0), 1000);
        let first = dirtiest([("one", dirty), ("two", dirtier)]);
        assert_eq!(first.map(|(log, _)| log), Some("two"));
        assert!(dirtiest::<()>([]).is_none());
    }

    #[test]
    fn groups_fit_a_segment() {
        let log = segments(&[(60, 1), (40, 1), (50, 1), (120, 1), (10, 1), (80, 1)]);
        let config = CleanConfig {
            segment_bytes: 100,
            ..CleanConfig::default()
        };
        let bases = |end| -> Vec<Vec<Offset>> {
            let groups = group(&log, end, &config);
            let bases = |group: &Vec<SegmentInfo>| group.iter().map(|s| s.base_offset).collect();
            groups.iter().map(bases).collect()
        };
        assert_eq!(bases(50), [vec![0, 10], vec![20], vec![30], vec![40]]);
        assert_eq!(bases(41), [vec![0, 10], vec![20], vec![30], vec![40]]);
        assert_eq!(bases(11), [vec![0, 10]]);
        assert_eq!(bases(0), Vec::<Vec<Offset>>::new());
        let mut hollow = log.clone();
        hollow[1].bytes = 0;
        assert_eq!(group(&hollow, 20, &config)[1][0].base_offset, 10);
        let mut far = log.clone();
        far[1].next_offset = Offset::from(i32::MAX) + 1;
        let config = CleanConfig::default();
        assert_eq!(group(&far, 20, &config).len(), 2);
    }
}
