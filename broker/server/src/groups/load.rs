//! Reads the records of one partition of the offsets topic back from its log.
//!
//! A record of a type that is not known is passed over, as Kafka does: a newer version wrote it. One
//! whose type is known and whose content cannot be read ends the loading, as in Kafka too: its group
//! would silently go back to what it had committed before.

use std::io;

use bytes::Bytes;
use millrace_coordinator::{GroupRecord, RecordError as GroupRecordError};
use millrace_log::{LogError, ReadRequest};
use millrace_records::record::MalformedRecord;
use millrace_records::validate::expansion_limit;
use millrace_records::{BatchError, Batches, RecordError, Scratch};
use millrace_replication::Partition;
use millrace_types::Offset;
use thiserror::Error;

#[derive(Debug, Error)]
pub(super) enum LoadError {
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    #[error("the log's file cannot be read")]
    Io(#[from] io::Error),
    #[error("a batch cannot be read")]
    Batch(#[from] BatchError),
    #[error("a batch's records cannot be read")]
    Record(#[from] RecordError),
    #[error("a record is malformed")]
    Malformed(#[from] MalformedRecord),
    #[error("the record at offset {offset} cannot be read")]
    Content {
        offset: Offset,
        #[source]
        source: GroupRecordError,
    },
    #[error("reading was given up")]
    GivenUp(#[from] tokio::task::JoinError),
}

/// Records in order, and where to read on.
pub(super) struct Piece {
    pub(super) records: Vec<(Offset, GroupRecord)>,
    pub(super) unknown: Unknown,
    pub(super) next_offset: Offset,
}

/// Records that were passed over.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    pub(super) count: u64,
    /// Offset and type of the last of them.
    pub(super) last: Option<(Offset, i16)>,
}

impl Unknown {
    fn note(&mut self, offset: Offset, key: &Bytes) {
        self.count += 1;
        let number = key.first_chunk().copied().map(i16::from_be_bytes);
        self.last = number.map(|number| (offset, number));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.last = other.last.or(self.last);
    }
}

/// Reads about `bytes` from `from` on. Blocks on the disk.
pub(super) fn read_piece(
    partition: &Partition,
    from: Offset,
    end: Offset,
    bytes: usize,
) -> Result<Piece, LoadError> {
    let request = ReadRequest {
        from,
        max_bytes: bytes,
        upper_bound: end,
        min_one_batch: true,
    };
    let Some(slice) = partition.view().read(&request)? else {
        // What was there has been compacted away.
        return Ok(Piece {
            records: Vec::new(),
            unknown: Unknown::default(),
            next_offset: end,
        });
    };
    let mut buffer = vec![0; slice.len];
    slice.file.read_exact_at(&mut buffer, slice.position)?;
    let limit = expansion_limit(partition.topic().config.load().max_message_bytes);
    let mut scratch = Scratch::default();
    let mut records = Vec::new();
    let mut unknown = Unknown::default();
    for batch in Batches::new(&buffer) {
        let batch = batch?;
        if batch.header().attributes.is_control() {
            continue;
        }
        for record in batch.records(&mut scratch, limit)? {
            let record = record?;
            let Some(key) = record.key.filter(|_| record.offset >= from) else {
                continue;
            };
            let key = Bytes::copy_from_slice(key);
            let value = record.value.map(Bytes::copy_from_slice);
            let offset = record.offset;
            let decoded = GroupRecord::decode(&key, value.as_ref())
                .map_err(|source| LoadError::Content { offset, source })?;
            match decoded {
                Some(record) => records.push((offset, record)),
                None => unknown.note(offset, &key),
            }
        }
    }
    Ok(Piece {
        records,
        unknown,
        next_offset: slice.next_offset,
    })
}
