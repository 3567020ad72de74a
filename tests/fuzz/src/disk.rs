//! A disk with files that the input holds, and what targets append there themselves.

use std::io::IoSlice;
use std::path::Path;

use bytes::Bytes;
use millrace_log::disk::Disk;
use millrace_log::{AppendBatch, Origin};
use millrace_records::{BatchBuilder, BatchHeader, NewRecord};

pub(crate) const NOW: i64 = 1_000_000;

/// Makes those of the files that `flags` has a bit for: each is its length in one byte and its content.
/// Returns the input behind them.
pub(crate) fn put_some<'a>(
    disk: &dyn Disk,
    dir: &Path,
    names: &[&str],
    flags: u8,
    mut input: &'a [u8],
) -> &'a [u8] {
    for (bit, name) in names.iter().enumerate() {
        if flags & (1 << bit) != 0 {
            let length = input.first().map_or(0, |&length| usize::from(length));
            let content = input.get(1..).unwrap_or_default();
            let (content, behind) = content.split_at(length.min(content.len()));
            put(disk, &dir.join(name), content);
            input = behind;
        }
    }
    input
}

pub(crate) fn put(disk: &dyn Disk, path: &Path, content: &[u8]) {
    let file = disk.create(path).expect("memory has room");
    file.write_all_at(&mut [IoSlice::new(content)], 0)
        .expect("memory has room");
}

/// A batch of one record, as a client sends it.
pub(crate) fn batch() -> AppendBatch {
    let mut builder = BatchBuilder::new(0);
    let record = NewRecord {
        timestamp: NOW,
        ..NewRecord::default()
    };
    builder.push(&record).expect("one record fits");
    let bytes = builder.build().expect("one record fits");
    AppendBatch {
        header: BatchHeader::read(&bytes).expect("a batch that was built"),
        bytes: Bytes::from(bytes),
        origin: Origin::Client,
    }
}
