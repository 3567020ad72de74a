//! One writer, several readers and flushers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use millrace_log::disk::{Disk, SystemDisk};
use millrace_log::{AppendOutcome, Log, LogConfig, LogDir, LogView, OpenLog, ReadRequest};

use crate::support::*;

const BATCHES: i64 = 3000;
const READERS: usize = 3;
const FLUSHERS: usize = 2;

/// Follows the log to its end, as a consumer does.
fn follow(view: &LogView, max_bytes: usize) {
    let mut next = 0;
    while next < 2 * BATCHES {
        let end = view.end_offset();
        let wanted = ReadRequest {
            max_bytes,
            upper_bound: end,
            ..request(next)
        };
        let Some(slice) = view.read(&wanted).unwrap() else {
            assert_eq!(next, end, "what is visible can be read");
            std::thread::yield_now();
            continue;
        };
        for batch in headers_in(&bytes_of(&slice)) {
            assert_eq!(batch.base_offset, next);
            next = batch.next_offset();
        }
        assert_eq!(next, slice.next_offset);
        assert!(next <= end);
    }
}

fn flush_until(view: &LogView, done: &AtomicBool) {
    while !done.load(Ordering::Acquire) {
        let before = view.end_offset();
        assert!(view.flush().unwrap() >= before);
    }
}

#[test]
fn readers_and_flushers_keep_up_with_the_writer() {
    let root = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let dir = LogDir::new(disk, &root.path().join("topic-0"));
    let config = LogConfig {
        segment_bytes: 20_000,
        index_interval_bytes: 50,
        ..LogConfig::default()
    };
    let (mut log, _) = Log::open(dir, &OpenLog::new(Arc::new(config), NOW)).unwrap();
    let view = Arc::clone(log.view());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for reader in 0..READERS {
            let view = &view;
            scope.spawn(move || follow(view, [0, 1000, usize::MAX][reader]));
        }
        for _ in 0..FLUSHERS {
            scope.spawn(|| flush_until(&view, &done));
        }
        let group: Vec<_> = (0..3).map(|index| plain(2, &vec![1; index * 50])).collect();
        let mut outcomes = Vec::new();
        for round in 0..BATCHES / 3 {
            let epoch = i32::try_from(round / 50).unwrap();
            log.append(&group, epoch, NOW, &mut outcomes).unwrap();
        }
        let appended = |outcome: &AppendOutcome| matches!(outcome, AppendOutcome::Appended { .. });
        assert!(outcomes.iter().all(appended));
        done.store(true, Ordering::Release);
    });
    assert_eq!(view.flush().unwrap(), 2 * BATCHES);
}
