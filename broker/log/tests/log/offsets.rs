//! Following a leader, leader epochs, timestamps, truncation, and where a log starts.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{
    AppendBatch, DeletionReason, Log, LogConfig, LogError, OpenLog, Origin, SegmentRewrite,
};
use millrace_records::BatchBuilder;
use millrace_types::{LeaderEpoch, Moment, Offset, Timestamp};

use crate::support::*;

fn disk() -> Arc<dyn Disk> {
    Arc::new(MemDisk::new())
}

fn from_leader(offset: Offset, epoch: LeaderEpoch) -> AppendBatch {
    let builder = BatchBuilder::new(offset).leader_epoch(epoch);
    to_append(batch_of(builder, 2, b"value", NOW), Origin::Client)
}

fn at(time: Timestamp, records: usize) -> AppendBatch {
    to_append(
        batch_of(BatchBuilder::new(0), records, b"value", time),
        Origin::Client,
    )
}

#[test]
fn a_follower_keeps_offsets_and_epochs() {
    let mut log = new_log(&disk(), LogConfig::default());
    log.append_as_follower(
        &[from_leader(10, 3), from_leader(12, 3), from_leader(20, 5)],
        NOW,
    )
    .unwrap();
    let view = Arc::clone(log.view());
    assert_eq!(view.end_offset(), 22);
    let found = read_all(&view, 0, usize::MAX);
    let pairs: Vec<_> = found
        .iter()
        .map(|batch| (batch.base_offset, batch.leader_epoch))
        .collect();
    assert_eq!(pairs, [(10, 3), (12, 3), (20, 5)]);
    let refused = log.append_as_follower(&[from_leader(21, 5)], NOW);
    assert!(matches!(
        refused,
        Err(LogError::NotContiguous { found: 21, end: 22 })
    ));
    assert_eq!(view.end_offset_for_epoch(4), Some((3, 20)));
    assert_eq!(view.end_offset_for_epoch(5), Some((5, 22)));
    assert_eq!(view.end_offset_for_epoch(2), None);
}

#[test]
fn a_follower_takes_what_its_leader_took() {
    let config = LogConfig {
        segment_bytes: 100,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk(), config);
    let builder = |offset, sequence| BatchBuilder::new(offset).producer(1, 0, sequence);
    let batches = [
        to_append(batch_of(builder(0, 0), 1, &[0; 500], NOW), Origin::Client),
        to_append(
            batch_of(builder(5, 7), 1, b"out of order", NOW),
            Origin::Client,
        ),
        to_append(batch_of(builder(6, 7), 1, b"repeated", NOW), Origin::Client),
    ];
    log.append_as_follower(&batches, NOW).unwrap();
    assert_eq!(read_all(log.view(), 0, usize::MAX).len(), 3);
}

#[test]
fn a_batch_far_away_begins_a_segment() {
    let disk = disk();
    let mut log = new_log(&disk, LogConfig::default());
    let far = Offset::from(i32::MAX) * 3;
    log.append_as_follower(&[from_leader(0, 0), from_leader(far, 0)], NOW)
        .unwrap();
    assert_eq!(log.view().segment_count(), 2);
    assert_eq!(read_all(log.view(), 0, usize::MAX).len(), 2);
    // An empty segment in the way is replaced.
    log.truncate_fully_and_start_at(0, NOW).unwrap();
    log.append_as_follower(&[from_leader(far, 0)], NOW).unwrap();
    assert_eq!(log.view().segment_count(), 1);
    assert_eq!(log.view().active_segment_base(), far);
}

#[test]
fn leader_epochs_survive_restart_crash_and_truncation() {
    for was_clean in [true, false] {
        let disk = disk();
        let mut log = new_log(&disk, small_segments());
        for epoch in 0..40 {
            log.append(&[plain(2, b"value")], epoch / 2, NOW, &mut Vec::new())
                .unwrap();
        }
        log.truncate_to(61).unwrap();
        assert_eq!(log.view().end_offset(), 60);
        let options = OpenLog {
            was_clean,
            ..OpenLog::new(Arc::clone(log.config()), NOW)
        };
        if was_clean {
            log.close().unwrap();
        }
        let (log, _) = open(&disk, &options);
        for epoch in 0..15 {
            let end = Offset::from(epoch + 1) * 4;
            assert_eq!(log.view().end_offset_for_epoch(epoch), Some((epoch, end)));
        }
        assert_eq!(log.view().latest_epoch(), Some(14));
    }
}

#[test]
fn unreadable_leader_epochs_are_found_again_in_the_batches() {
    for was_clean in [true, false] {
        let disk = disk();
        let mut log = new_log(&disk, small_segments());
        for epoch in 0..40 {
            log.append(&[plain(2, b"value")], epoch, NOW, &mut Vec::new())
                .unwrap();
        }
        let recovery_point = log.view().flush().unwrap();
        log.close().unwrap();
        disk.create(&Path::new(DIR).join("leader-epoch-checkpoint"))
            .unwrap();
        let options = OpenLog {
            was_clean,
            recovery_point,
            ..OpenLog::new(Arc::new(small_segments()), NOW)
        };
        let (log, recovery) = open(&disk, &options);
        assert!(recovery.rebuilt_epochs && recovery.cut.is_none());
        for epoch in 0..40 {
            let end = Offset::from(epoch + 1) * 2;
            assert_eq!(log.view().end_offset_for_epoch(epoch), Some((epoch, end)));
        }
    }
}

#[test]
fn a_new_leader_is_known_before_it_writes() {
    let mut log = new_log(&disk(), LogConfig::default());
    append(&mut log, plain(3, b"value"));
    log.assign_epoch(9);
    assert_eq!(log.view().end_offset_for_epoch(0), Some((0, 3)));
    assert_eq!(log.view().end_offset_for_epoch(9), Some((9, 3)));
}

#[test]
fn the_first_record_with_a_timestamp_is_found() {
    let mut log = new_log(
        &disk(),
        LogConfig {
            segment_bytes: 400,
            index_interval_bytes: 1,
            ..LogConfig::default()
        },
    );
    // Times of the first records; each batch has three records, a millisecond apart.
    let times = [100, 200, 150, 300, 301, 250, 400, 500, 90, 600, 600];
    for time in times {
        append(&mut log, at(time, 3));
    }
    assert!(log.view().segment_count() > 2);
    let records: Vec<Timestamp> = times
        .iter()
        .flat_map(|&time| [time, time + 1, time + 2])
        .collect();
    let expected = |wanted: Timestamp, start: usize| {
        let offset = (start..records.len()).find(|&offset| records[offset] >= wanted)?;
        Some((offset as Offset, records[offset]))
    };
    for start in [0, 4, 20, 33] {
        log.delete_records(start as Offset).unwrap();
        for wanted in -1..700 {
            let found = log.view().offset_for_timestamp(wanted, 1 << 20).unwrap();
            let found = found.map(|found| (found.offset, found.timestamp));
            assert_eq!(found, expected(wanted, start), "{wanted} from {start}");
        }
        let max = log.view().max_timestamp(1 << 20).unwrap();
        assert_eq!(
            max.map(|found| found.timestamp),
            (start < 33).then_some(602)
        );
    }
}

#[test]
fn old_and_excess_segments_are_deleted() {
    let disk = disk();
    let config = LogConfig {
        segment_bytes: 500,
        retention_ms: 1000,
        retention_bytes: 1500,
        file_delete_delay_ms: 50,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config);
    for time in 0..60 {
        append(&mut log, at(NOW + time * 10, 1));
    }
    let end = log.view().end_offset();
    assert_eq!(
        log.apply_retention(0, Moment::at(NOW + 10_000)).unwrap(),
        [],
        "nothing is replicated"
    );
    let before = log.view().size_in_bytes();
    let deleted = log.apply_retention(end, Moment::at(NOW + 1100)).unwrap();
    let by = |reason| {
        deleted
            .iter()
            .filter(|segment| segment.reason == reason)
            .count()
    };
    assert!(by(DeletionReason::Age) > 0 && by(DeletionReason::Size) > 0);
    let bytes: u64 = deleted.iter().map(|segment| segment.bytes).sum();
    assert_eq!(log.view().size_in_bytes(), before - bytes);
    assert!((1500..2000).contains(&log.view().size_in_bytes()));
    let start = log.view().start_offset();
    assert_eq!(
        read_all(log.view(), start, usize::MAX)[0].base_offset,
        start
    );
    assert!(matches!(
        log.view().read(&request(0)),
        Err(LogError::OffsetOutOfRange { .. })
    ));
    let names = || {
        disk.list(Path::new(DIR))
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
    };
    assert!(names().any(|name| name.ends_with(".deleted")));
    log.apply_retention(end, Moment::at(NOW + 1150)).unwrap();
    assert!(!names().any(|name| name.ends_with(".deleted")));
    // In the end even the active segment is too old.
    log.apply_retention(end, Moment::at(NOW + 5000)).unwrap();
    assert_eq!(
        (log.view().size_in_bytes(), log.view().start_offset()),
        (0, end)
    );
    assert_eq!(
        log.apply_retention(end, Moment::at(NOW + 6000)).unwrap(),
        []
    );
    assert_eq!(append(&mut log, plain(1, b"more")), end);
}

#[test]
fn deleted_files_linger_as_long_however_the_clock_is_set() {
    let disk = disk();
    let config = LogConfig {
        segment_bytes: 500,
        retention_bytes: 500,
        file_delete_delay_ms: 50,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config);
    for _ in 0..20 {
        append(&mut log, plain(1, b"value"));
    }
    let end = log.view().end_offset();
    let mut lingering = |wall, steady| {
        log.apply_retention(end, Moment { wall, steady }).unwrap();
        let entries = disk.list(Path::new(DIR)).unwrap();
        let mut names = entries.iter().map(|entry| &entry.name);
        names.any(|name| name.ends_with(".deleted"))
    };
    assert!(lingering(NOW, 0));
    assert!(lingering(NOW + 1_000_000, 49), "the clock was set forward");
    assert!(!lingering(0, 50), "the clock was set back");
}

#[test]
fn a_reader_goes_on_with_a_deleted_segment() {
    let disk = disk();
    let config = LogConfig {
        segment_bytes: 500,
        retention_ms: 1,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config);
    for _ in 0..20 {
        append(&mut log, plain(1, b"value"));
    }
    let slice = log.view().read(&request(0)).unwrap().unwrap();
    let end = log.view().end_offset();
    assert!(
        !log.apply_retention(end, Moment::at(NOW + 1000))
            .unwrap()
            .is_empty()
    );
    assert_eq!(headers_in(&bytes_of(&slice))[0].base_offset, 0);
}

#[test]
fn a_compacted_log_keeps_what_it_is_not_told_to_delete() {
    let config = LogConfig {
        delete: false,
        compact: true,
        retention_ms: 1,
        retention_bytes: 1,
        segment_bytes: 500,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk(), config);
    for _ in 0..20 {
        append(&mut log, plain(1, b"value"));
    }
    let end = log.view().end_offset();
    assert_eq!(
        log.apply_retention(end, Moment::at(NOW + 1000)).unwrap(),
        []
    );
    log.delete_records(10).unwrap();
    let deleted = log.apply_retention(end, Moment::at(NOW + 1000)).unwrap();
    assert!(
        deleted
            .iter()
            .all(|segment| segment.reason == DeletionReason::BeforeStart)
    );
    assert!(!deleted.is_empty());
    assert_eq!(log.view().start_offset(), 10);
    log.delete_records(5).unwrap();
    assert_eq!(log.view().start_offset(), 10, "it only moves forward");
    assert!(log.delete_records(end + 1).is_err());
}

/// Five segments of which the first three are replaced by their batches with an even base offset,
/// and the last one.
fn rewrite(log: &mut Log) -> millrace_log::Result<()> {
    let infos = log.view().segment_infos()?;
    let old = &infos[..3];
    let end = old[2].next_offset;
    let mut new = SegmentRewrite::begin(log.view().dir(), old[0].base_offset, 100)?;
    let mut next = 0;
    while next < end {
        let slice = log
            .view()
            .read(&millrace_log::ReadRequest {
                max_bytes: 0,
                upper_bound: end,
                ..request(next)
            })?
            .unwrap();
        if next % 2 == 0 || slice.next_offset == end {
            new.append(&bytes_of(&slice))?;
        }
        next = slice.next_offset;
    }
    let bases: Vec<Offset> = old.iter().map(|info| info.base_offset).collect();
    log.replace_segments(&bases, new, NOW)
}

fn log_to_rewrite(disk: &Arc<dyn Disk>) -> Log {
    let mut log = new_log(disk, small_segments());
    while log.view().segment_count() < 5 {
        append(&mut log, plain(1, &[1; 100]));
    }
    log.view().flush().unwrap();
    log
}

#[test]
fn segments_are_replaced_by_shorter_ones() {
    let disk = disk();
    let mut log = log_to_rewrite(&disk);
    let all = read_all(log.view(), 0, usize::MAX);
    let end = log.view().segment_infos().unwrap()[2].next_offset;
    let slice = log.view().read(&request(1)).unwrap().unwrap();
    rewrite(&mut log).unwrap();
    assert_eq!(log.view().segment_count(), 3);
    let kept = |offset: Offset| offset % 2 == 0 || offset >= end - 1;
    let expected: Vec<_> = all
        .iter()
        .filter(|batch| kept(batch.base_offset))
        .copied()
        .collect();
    assert_eq!(read_all(log.view(), 0, usize::MAX), expected);
    assert_eq!(
        headers_in(&bytes_of(&slice))[0].base_offset,
        1,
        "readers go on with the old one"
    );
    let options = OpenLog {
        recovery_point: log.view().recovery_point(),
        ..OpenLog::new(Arc::clone(log.config()), NOW)
    };
    let (log, recovery) = open(&disk, &options);
    assert_eq!(recovery.cut, None);
    assert_eq!(read_all(log.view(), 0, usize::MAX), expected);
}

#[test]
fn an_interrupted_replacement_is_undone_or_completed() {
    use millrace_log::disk::{Fault, HostileDisk};
    let mut outcomes = [0, 0];
    for turn in 0.. {
        let mem = MemDisk::new();
        let hostile = HostileDisk::new(Arc::new(mem.clone()));
        let disk: Arc<dyn Disk> = Arc::new(hostile.clone());
        let mut log = log_to_rewrite(&disk);
        let all = read_all(log.view(), 0, usize::MAX);
        hostile.fail_after(turn, Fault::Dead);
        let result = rewrite(&mut log);
        let options = OpenLog {
            recovery_point: log.view().recovery_point(),
            ..OpenLog::new(Arc::clone(log.config()), NOW)
        };
        for found in [
            Arc::new(mem.clone()),
            Arc::new(mem.after_power_loss(&mut |_| 0)),
        ] {
            let found: Arc<dyn Disk> = found;
            let (log, recovery) = open(&found, &options);
            assert_eq!(recovery.cut, None, "{turn}");
            let left = read_all(log.view(), 0, usize::MAX);
            let is_old = left == all;
            assert!(is_old || left.len() < all.len(), "{turn}");
            assert_eq!(left.last(), all.last());
            outcomes[usize::from(is_old)] += 1;
            let rest = left
                .iter()
                .filter(|batch| batch.base_offset % 2 == 0)
                .count();
            assert_eq!(rest, all.len().div_ceil(2));
        }
        if result.is_ok() {
            break;
        }
    }
    assert!(outcomes[0] > 2 && outcomes[1] > 2);
}
