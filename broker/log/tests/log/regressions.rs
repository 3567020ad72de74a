//! Bugs that were found, each with the shortest story that shows it.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, Fault, HostileDisk, MemDisk};
use millrace_log::{LogConfig, OpenLog, Recovery};
use millrace_types::Moment;

use crate::crash::{Step, lose_power_after_each};
use crate::support::*;

/// Every way in which a power loss may treat all files alike.
fn lose_power_in_all_ways(steps: &[Step]) {
    for way in 0..4 {
        lose_power_after_each(steps, &mut |n| way % n);
    }
}

const LARGE: Step = Step::Append {
    batches: 4,
    bytes: 300,
};
const SMALL: Step = Step::Append {
    batches: 1,
    bytes: 0,
};

#[test]
fn a_segment_that_is_written_again_after_a_truncation_is_flushed_again() {
    lose_power_in_all_ways(&[LARGE, Step::Flush, Step::Truncate(5), SMALL, Step::Flush]);
}

#[test]
fn a_truncation_across_segments_leaves_no_gap() {
    lose_power_in_all_ways(&[SMALL, Step::Roll, Step::Flush, Step::Truncate(1)]);
    lose_power_in_all_ways(&[LARGE, LARGE, Step::Truncate(1), SMALL, SMALL]);
}

#[test]
fn indexes_that_were_written_after_the_last_flush_are_not_trusted() {
    lose_power_in_all_ways(&[LARGE, LARGE, Step::Flush, Step::Roll, LARGE, SMALL]);
}

#[test]
fn stale_indexes_do_not_outlive_a_recovery() {
    lose_power_in_all_ways(&[
        Step::Append {
            batches: 2,
            bytes: 33,
        },
        Step::Truncate(2),
    ]);
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let config = LogConfig {
        index_interval_bytes: 1,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config.clone());
    for _ in 0..5 {
        append(&mut log, plain(1, b"value"));
    }
    log.close().unwrap();
    let path = Path::new(DIR).join("00000000000000000000.log");
    let first_two = disk.file_len(&path).unwrap() / 5 * 2;
    disk.open(&path).unwrap().set_len(first_two + 1).unwrap();
    let options = OpenLog::new(Arc::new(config), NOW);
    open(&disk, &options).0.close().unwrap();
    let (log, recovery) = open(
        &disk,
        &OpenLog {
            was_clean: true,
            ..options
        },
    );
    assert_eq!(
        (log.view().end_offset(), recovery),
        (2, Recovery::default())
    );
}

#[test]
fn a_deletion_that_failed_leaves_no_gap() {
    let mem = MemDisk::new();
    let hostile = HostileDisk::new(Arc::new(mem.clone()));
    let disk: Arc<dyn Disk> = Arc::new(hostile.clone());
    let config = LogConfig {
        segment_bytes: 500,
        retention_bytes: 1500,
        ..LogConfig::default()
    };
    let mut log = new_log(&disk, config.clone());
    for round in 0..3 {
        for _ in 0..20 {
            append(&mut log, plain(1, &[1; 50]));
        }
        if round == 1 {
            hostile.fail_after(0, Fault::Io);
        }
        let end = log.view().end_offset();
        assert_eq!(
            log.apply_retention(end, Moment::at(NOW)).is_err(),
            round == 1
        );
    }
    let expected = read_all(log.view(), log.view().start_offset(), usize::MAX);
    // The process dies before anybody wrote down where the log starts.
    let disk: Arc<dyn Disk> = Arc::new(mem);
    let (reopened, recovery) = open(&disk, &OpenLog::new(Arc::new(config), NOW));
    assert_eq!(recovery.cut, None);
    assert_eq!(
        read_all(reopened.view(), expected[0].base_offset, usize::MAX),
        expected
    );
}
