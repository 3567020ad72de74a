//! Records out of the batches of a fetch. Pure.

use std::collections::BTreeSet;

use bytes::Bytes;
use millrace_records::attributes::Attributes;
use millrace_records::{
    BatchError, BatchView, Batches, ControlRecord, RecordView, Scratch, read_control,
};
use millrace_types::{Offset, ProducerId, TopicPartition};
use millrace_wire::messages::fetch_response::AbortedTransaction;

use crate::consumer::options::ConsumerRecord;
use crate::error::ClientError;

/// A batch may not expand beyond this: far above what brokers accept, far below what hurts.
const EXPANDED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What one partition's part of a fetch holds for its reader.
pub(crate) struct Fetched {
    pub(crate) records: Vec<ConsumerRecord>,
    /// Where to read on: behind everything looked at, records or not.
    pub(crate) next: Offset,
}

/// Reads the records from `position` on. `aborted` are the broker's words about transactions that
/// failed, for a reader of committed records only.
///
/// # Errors
/// When the bytes are damaged.
pub(crate) fn read(
    at: &TopicPartition,
    bytes: &Bytes,
    position: Offset,
    aborted: Option<&[AbortedTransaction]>,
    scratch: &mut Scratch,
) -> Result<Fetched, ClientError> {
    let mut open = Open::new(aborted.unwrap_or_default());
    let mut fetched = Fetched {
        records: Vec::new(),
        next: position,
    };
    let damaged = |reason: String| ClientError::Records {
        topic: at.topic.clone(),
        partition: at.partition,
        reason,
    };
    for batch in Batches::new(bytes) {
        let batch = match batch {
            Ok(batch) => batch,
            // The broker may cut the last one off where the answer is full.
            Err(BatchError::Truncated { .. }) => break,
            Err(error) => return Err(damaged(error.to_string())),
        };
        let checked = batch.check_crc();
        checked.map_err(|error| damaged(error.to_string()))?;
        let header = *batch.header();
        open.reach(header.last_offset());
        let attributes: Attributes = header.attributes;
        if attributes.is_control() {
            open.control(&batch, scratch);
        } else if !(attributes.is_transactional() && open.holds(header.producer_id)) {
            let records = batch
                .records(scratch, EXPANDED_BYTES_MAX)
                .map_err(|error| damaged(error.to_string()))?;
            for record in records {
                let record = record.map_err(|error| damaged(error.to_string()))?;
                if record.offset >= position {
                    fetched.records.push(owned(at, bytes, &record));
                }
            }
        }
        fetched.next = fetched.next.max(header.next_offset());
    }
    Ok(fetched)
}

/// Aborted transactions that the reader is inside of.
struct Open<'a> {
    /// By first offset, the next one last.
    ahead: Vec<&'a AbortedTransaction>,
    producers: BTreeSet<ProducerId>,
}

impl<'a> Open<'a> {
    fn new(aborted: &'a [AbortedTransaction]) -> Self {
        let mut ahead: Vec<_> = aborted.iter().collect();
        ahead.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Self {
            ahead,
            producers: BTreeSet::new(),
        }
    }

    fn reach(&mut self, offset: Offset) {
        while let Some(next) = self.ahead.pop_if(|next| next.first_offset <= offset) {
            self.producers.insert(next.producer_id);
        }
    }

    fn holds(&self, producer: ProducerId) -> bool {
        self.producers.contains(&producer)
    }

    /// An abort marker ends its producer's transaction.
    fn control(&mut self, batch: &BatchView<'_>, scratch: &mut Scratch) {
        if let Ok(Some(ControlRecord::EndTxn(marker))) = read_control(batch, scratch)
            && !marker.committed
        {
            self.producers.remove(&batch.header().producer_id);
        }
    }
}

/// Slices of the fetch itself where the batch was not compressed, copies where it was.
fn owned(at: &TopicPartition, frame: &Bytes, record: &RecordView<'_>) -> ConsumerRecord {
    let keep = |part: &[u8]| {
        let frame_range = frame.as_ptr_range();
        if frame_range.contains(&part.as_ptr()) {
            frame.slice_ref(part)
        } else {
            Bytes::copy_from_slice(part)
        }
    };
    let headers = record.headers.into_iter();
    ConsumerRecord {
        topic: at.topic.clone(),
        partition: at.partition,
        offset: record.offset,
        timestamp: record.timestamp,
        key: record.key.map(keep),
        value: record.value.map(keep),
        headers: headers
            .map(|header| (keep(header.key), header.value.map(keep)))
            .collect(),
    }
}

#[cfg(test)]
#[path = "fetched_tests.rs"]
mod tests;
