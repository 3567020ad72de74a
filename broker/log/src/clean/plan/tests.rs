//! What is dirty, what is cleaned together, and which log comes first.

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
