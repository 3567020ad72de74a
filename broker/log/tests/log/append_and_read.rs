//! What is appended is read back.

use std::sync::Arc;

use crate::support::*;
use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{LogConfig, OpenLog, ReadRequest};

fn disk() -> Arc<dyn Disk> {
    Arc::new(MemDisk::new())
}

#[test]
fn offsets_count_up_and_batches_come_back() {
    let mut log = new_log(&disk(), LogConfig::default());
    assert_eq!(append(&mut log, plain(3, b"one")), 0);
    assert_eq!(append(&mut log, plain(2, b"two")), 3);
    let view = Arc::clone(log.view());
    assert_eq!((view.start_offset(), view.end_offset()), (0, 5));
    for from in 0..3 {
        let headers = read_all(&view, from, usize::MAX);
        assert_eq!(
            headers
                .iter()
                .map(|header| header.base_offset)
                .collect::<Vec<_>>(),
            [0, 3]
        );
    }
    assert_eq!(read_all(&view, 3, usize::MAX).len(), 1);
    assert!(view.read(&request(5)).unwrap().is_none());
    assert!(view.read(&request(6)).is_err());
    assert!(view.read(&request(-1)).is_err());
}

#[test]
fn reads_respect_their_limits() {
    let mut log = new_log(&disk(), small_segments());
    for index in 0..200 {
        append(&mut log, plain(1 + index % 3, &vec![7; index]));
    }
    let view = log.view();
    assert!(view.segment_count() > 5);
    let all = read_all(view, 0, usize::MAX);
    assert_eq!(all.len(), 200);
    for max_bytes in [0, 100, 333, 1000, 5000] {
        assert_eq!(read_all(view, 0, max_bytes), all);
        for header in &all {
            let from = header.last_offset();
            let upper_bound = (from + 20).min(view.end_offset());
            let read = |min_one_batch| {
                view.read(&ReadRequest {
                    from,
                    max_bytes,
                    upper_bound,
                    min_one_batch,
                })
                .unwrap()
            };
            if let Some(slice) = read(true) {
                let headers = headers_in(&bytes_of(&slice));
                assert_eq!(headers[0], *header);
                assert!(
                    headers
                        .iter()
                        .all(|header| header.last_offset() < upper_bound)
                );
                assert!(slice.len <= max_bytes || headers.len() == 1);
            } else {
                assert!(header.last_offset() >= upper_bound);
            }
            assert!(read(false).is_none_or(|slice| slice.len <= max_bytes));
        }
    }
}

#[test]
fn a_clean_restart_finds_everything() {
    let disk = disk();
    let config = small_segments();
    let mut log = new_log(&disk, config.clone());
    for index in 0..100 {
        append(&mut log, plain(2, &vec![1; index]));
    }
    let before = read_all(log.view(), 0, usize::MAX);
    log.close().unwrap();
    let options = OpenLog {
        was_clean: true,
        ..OpenLog::new(Arc::new(config), NOW)
    };
    let (mut log, recovery) = open(&disk, &options);
    assert_eq!(recovery, millrace_log::Recovery::default());
    assert_eq!(read_all(log.view(), 0, usize::MAX), before);
    assert_eq!(append(&mut log, plain(1, b"more")), 200);
    assert_eq!(read_all(log.view(), 0, 500).len(), 101);
}
