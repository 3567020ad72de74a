//! A partition's directory with anything in its files: the log opens or refuses, what it then serves
//! is whole, and a second look finds nothing left to repair.

use std::path::Path;
use std::sync::Arc;

use millrace_log::disk::{Disk, MemDisk};
use millrace_log::{
    AppendOutcome, Log, LogConfig, LogDir, LogError, LogView, OpenLog, ReadRequest, Recovery,
};
use millrace_records::Batches;

use super::disk::{NOW, batch, put, put_some};

const DIR: &str = "data/topic-0";

/// Files beside the segment, which takes what they leave of the input.
const SMALL_FILES: [&str; 5] = [
    "00000000000000000000.index",
    "00000000000000000000.timeindex",
    "00000000000000000000.txnindex",
    "00000000000000000000.snapshot",
    "leader-epoch-checkpoint",
];
const SEGMENT: &str = "00000000000000000000.log";

/// Set in the first byte when the last shutdown claims to have been clean.
const CLEAN: u8 = 0x80;

/// The first byte says which small files there are and whether the shutdown was clean; each small
/// file is its length in one byte and its content; the rest is the segment.
pub fn log_recovery(data: &[u8]) {
    let Some((&flags, rest)) = data.split_first() else {
        return;
    };
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let dir = Path::new(DIR);
    disk.create_dir_all(dir).expect("memory has room");
    let segment = put_some(&*disk, dir, &SMALL_FILES, flags, rest);
    put(&*disk, &dir.join(SEGMENT), segment);
    check(&disk, flags & CLEAN != 0);
}

fn open(disk: &Arc<dyn Disk>, was_clean: bool) -> Result<(Log, Recovery), LogError> {
    let options = OpenLog {
        was_clean,
        ..OpenLog::new(Arc::new(LogConfig::default()), NOW)
    };
    Log::open(LogDir::new(Arc::clone(disk), Path::new(DIR)), &options)
}

fn check(disk: &Arc<dyn Disk>, was_clean: bool) {
    let Ok((mut log, _)) = open(disk, was_clean) else {
        return;
    };
    let readable = read_all(log.view());
    if was_clean {
        // Files that claim to be whole are believed: what is not may be noticed late.
        return;
    }
    readable.expect("a recovered log is readable");
    let before = log.view().end_offset();
    let end = append(&mut log).unwrap_or(before);
    drop(log);
    let (log, recovery) = open(disk, false).expect("a recovered log can be opened");
    assert_eq!(recovery.cut, None, "a second recovery finds more to cut");
    assert_eq!(log.view().end_offset(), end);
    read_all(log.view()).expect("a recovered log is readable");
}

/// The end after one more batch; nothing when the log refuses, as near the last of all offsets.
fn append(log: &mut Log) -> Option<i64> {
    let epoch = log.view().latest_epoch().unwrap_or(0);
    let mut outcomes = Vec::new();
    log.append(&[batch()], epoch, NOW, &mut outcomes).ok()?;
    match outcomes[..] {
        [AppendOutcome::Appended { base_offset }] => Some(base_offset + 1),
        _ => None,
    }
}

fn read_all(view: &LogView) -> Result<(), String> {
    let mut next = view.start_offset();
    loop {
        let request = ReadRequest {
            from: next,
            max_bytes: usize::MAX,
            upper_bound: i64::MAX,
            min_one_batch: true,
        };
        let Some(slice) = view.read(&request).map_err(|error| error.to_string())? else {
            return Ok(());
        };
        let mut bytes = vec![0; slice.len];
        let read = slice.file.read_exact_at(&mut bytes, slice.position);
        read.map_err(|error| error.to_string())?;
        for batch in Batches::new(&bytes) {
            let batch = batch.map_err(|error| error.to_string())?;
            batch.check_crc().map_err(|error| error.to_string())?;
        }
        if slice.next_offset <= next {
            return Err(format!("reading at {next} leads to {}", slice.next_offset));
        }
        next = slice.next_offset;
    }
}
