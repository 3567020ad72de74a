//! Batches and logs for the tests.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use millrace_log::disk::Disk;
use millrace_log::{
    AppendBatch, AppendOutcome, FileSlice, Log, LogConfig, LogDir, LogView, OpenLog, Origin,
    ReadRequest, Recovery,
};
use millrace_records::{BatchBuilder, BatchHeader, Batches, NewRecord};
use millrace_types::{Offset, Timestamp};

pub(crate) const DIR: &str = "data/topic-0";
pub(crate) const NOW: Timestamp = 1_000_000;

pub(crate) fn batch_of(
    builder: BatchBuilder,
    records: usize,
    value: &[u8],
    time: Timestamp,
) -> Vec<u8> {
    let mut builder = builder;
    for index in 0..records {
        let record = NewRecord {
            timestamp: time + index as i64,
            value: Some(value),
            ..NewRecord::default()
        };
        builder.push(&record).unwrap();
    }
    builder.build().unwrap()
}

pub(crate) fn to_append(bytes: Vec<u8>, origin: Origin) -> AppendBatch {
    let header = BatchHeader::read(&bytes).unwrap();
    AppendBatch {
        header,
        bytes: Bytes::from(bytes),
        origin,
    }
}

pub(crate) fn plain(records: usize, value: &[u8]) -> AppendBatch {
    to_append(
        batch_of(BatchBuilder::new(0), records, value, NOW),
        Origin::Client,
    )
}

pub(crate) fn small_segments() -> LogConfig {
    LogConfig {
        segment_bytes: 2000,
        index_interval_bytes: 100,
        ..LogConfig::default()
    }
}

pub(crate) fn open(disk: &Arc<dyn Disk>, options: &OpenLog) -> (Log, Recovery) {
    Log::open(LogDir::new(Arc::clone(disk), Path::new(DIR)), options).unwrap()
}

pub(crate) fn new_log(disk: &Arc<dyn Disk>, config: LogConfig) -> Log {
    open(disk, &OpenLog::new(Arc::new(config), NOW)).0
}

/// Appends and returns the base offset.
pub(crate) fn append(log: &mut Log, batch: AppendBatch) -> Offset {
    let mut outcomes = Vec::new();
    log.append(&[batch], 0, NOW, &mut outcomes).unwrap();
    match outcomes[..] {
        [AppendOutcome::Appended { base_offset }] => base_offset,
        ref other => panic!("{other:?}"),
    }
}

pub(crate) fn bytes_of(slice: &FileSlice) -> Vec<u8> {
    let mut bytes = vec![0; slice.len];
    slice
        .file
        .read_exact_at(&mut bytes, slice.position)
        .unwrap();
    bytes
}

pub(crate) fn headers_in(bytes: &[u8]) -> Vec<BatchHeader> {
    Batches::new(bytes)
        .map(|batch| {
            let batch = batch.unwrap();
            batch.check_crc().unwrap();
            *batch.header()
        })
        .collect()
}

pub(crate) fn request(from: Offset) -> ReadRequest {
    ReadRequest {
        from,
        max_bytes: usize::MAX,
        upper_bound: Offset::MAX,
        min_one_batch: true,
    }
}

/// All batches from `from` on, read as a consumer would.
pub(crate) fn read_all(view: &LogView, from: Offset, max_bytes: usize) -> Vec<BatchHeader> {
    let mut headers = Vec::new();
    let mut next = from;
    while let Some(slice) = view
        .read(&ReadRequest {
            max_bytes,
            ..request(next)
        })
        .unwrap()
    {
        headers.extend(headers_in(&bytes_of(&slice)));
        assert!(slice.next_offset > next);
        next = slice.next_offset;
    }
    assert_eq!(next.max(from), view.end_offset());
    headers
}
