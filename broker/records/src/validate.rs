//! What a leader checks before it takes a produced batch, in place and in one pass.
//! It looks at one batch alone: sequences, offsets and transactions are for those with state.

mod invalid;
#[cfg(test)]
mod tests;
mod walk;

use millrace_types::Timestamp;

use crate::attributes::TimestampType;
use crate::batch::{BatchHeader, BatchView};
use crate::compression::{Compression, Scratch, Window};
use crate::record::{SliceBodies, WindowBodies};

pub use invalid::{InvalidBatch, RejectedRecord, RejectionReason};
use walk::{RecordRules, Walked, walk};

/// Logs compress ten to thirty times; far beyond that a batch is a bomb for its consumers. Java
/// producers split a batch that is refused for this, since it counts as too large.
const MAX_EXPANSION: usize = 64;
/// Clients hold the records of a batch in buffers of at most 2 GiB.
const MAX_EXPANDED_BYTES: usize = 2 * 1024 * 1024 * 1024 - 1;

/// To how many bytes the records of a batch may expand, given the limit on the batch itself.
#[must_use]
pub const fn expansion_limit(max_batch_bytes: usize) -> usize {
    let limit = max_batch_bytes.saturating_mul(MAX_EXPANSION);
    if limit > MAX_EXPANDED_BYTES {
        MAX_EXPANDED_BYTES
    } else {
        limit
    }
}

/// What the topic and the request's version ask of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `max.message.bytes`: the batch as sent, compressed.
    pub max_batch_bytes: usize,
    /// See [`expansion_limit`].
    pub max_expanded_bytes: usize,
    /// Produce requests before version 7 come from clients that know no zstd.
    pub zstd_allowed: bool,
    /// Compacted topics keep one record per key, so each needs one.
    pub keys_required: bool,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
}

impl Default for Rules {
    /// Kafka's defaults.
    fn default() -> Self {
        const MAX_MESSAGE_BYTES: usize = 1024 * 1024 + 12;
        Self {
            max_batch_bytes: MAX_MESSAGE_BYTES,
            max_expanded_bytes: expansion_limit(MAX_MESSAGE_BYTES),
            zstd_allowed: true,
            keys_required: false,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 60 * 60 * 1000,
        }
    }
}

impl Rules {
    fn for_records(&self, now: Timestamp) -> RecordRules {
        let (earliest, latest) = match self.timestamp_type {
            // Where the broker's own clock counts, the producer's may show anything.
            TimestampType::LogAppendTime => (Timestamp::MIN, Timestamp::MAX),
            TimestampType::CreateTime => (
                now.saturating_sub(self.timestamp_before_max_ms),
                now.saturating_add(self.timestamp_after_max_ms),
            ),
        };
        RecordRules {
            keys_required: self.keys_required,
            earliest,
            latest,
        }
    }
}

/// A batch that a leader may append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validated {
    /// As it is to be stored, but for base offset and leader epoch. The rest of what was sent
    /// follows it unchanged, so the batch is written without being copied.
    pub header: BatchHeader,
    /// Which record has the largest timestamp first, counted from the base offset.
    pub max_timestamp_delta: i32,
}

/// Checks what a client sent for one partition.
///
/// # Errors
/// When the leader must refuse it; the error has the code and the words for the response.
pub fn validate(
    records: &[u8],
    rules: &Rules,
    now: Timestamp,
    scratch: &mut Scratch,
) -> Result<Validated, InvalidBatch> {
    let batch = only_batch(records)?;
    let size = batch.bytes().len();
    if size > rules.max_batch_bytes {
        let limit = rules.max_batch_bytes;
        return Err(InvalidBatch::TooLarge { size, limit });
    }
    batch
        .check_crc()
        .map_err(|corrupt| InvalidBatch::Unreadable(corrupt.into()))?;
    check_header(batch.header())?;
    let walked = walk_records(&batch, rules, now, scratch)?;
    Ok(stored_as(&batch, &walked, rules.timestamp_type, now))
}

fn only_batch(records: &[u8]) -> Result<BatchView<'_>, InvalidBatch> {
    if records.is_empty() {
        return Err(InvalidBatch::Empty);
    }
    let batch = BatchView::read(records)?;
    if batch.bytes().len() < records.len() {
        return Err(InvalidBatch::MoreThanOne);
    }
    Ok(batch)
}

fn check_header(header: &BatchHeader) -> Result<(), InvalidBatch> {
    let attributes = header.attributes;
    if attributes.is_control() {
        return Err(InvalidBatch::Control);
    }
    if attributes.has_delete_horizon() {
        return Err(InvalidBatch::DeleteHorizon);
    }
    if attributes.timestamp_type() == TimestampType::LogAppendTime {
        return Err(InvalidBatch::TimestampType);
    }
    let count = header.record_count;
    let delta = header.last_offset_delta;
    if count == 0 || delta != count - 1 {
        return Err(InvalidBatch::Count { count, delta });
    }
    if header.has_producer_id() {
        if header.base_sequence < 0 || header.producer_epoch < 0 {
            return Err(InvalidBatch::Producer {
                id: header.producer_id,
                epoch: header.producer_epoch,
                sequence: header.base_sequence,
            });
        }
    } else if attributes.is_transactional() {
        return Err(InvalidBatch::TransactionWithoutProducer);
    }
    Ok(())
}

fn walk_records(
    batch: &BatchView<'_>,
    rules: &Rules,
    now: Timestamp,
    scratch: &mut Scratch,
) -> Result<Walked, InvalidBatch> {
    let header = batch.header();
    let record_rules = rules.for_records(now);
    let bytes = batch.records_bytes();
    match header.attributes.compression()? {
        Compression::None => walk(SliceBodies::new(bytes), header, &record_rules),
        Compression::Zstd if !rules.zstd_allowed => Err(InvalidBatch::ZstdTooOld),
        codec => {
            let window = Window::new(codec, bytes, rules.max_expanded_bytes, scratch)?;
            walk(WindowBodies::new(window), header, &record_rules)
        }
    }
}

/// The header with the timestamps that the topic wants, and the true maximum.
fn stored_as(
    batch: &BatchView<'_>,
    walked: &Walked,
    timestamp_type: TimestampType,
    now: Timestamp,
) -> Validated {
    let sent = batch.header();
    let (header, max_timestamp_delta) = match timestamp_type {
        TimestampType::LogAppendTime => (sent.with_append_time(now, batch.records_bytes()), 0),
        TimestampType::CreateTime if sent.max_timestamp == walked.max_timestamp => {
            (*sent, walked.max_timestamp_delta)
        }
        TimestampType::CreateTime => {
            let corrected = BatchHeader {
                max_timestamp: walked.max_timestamp,
                ..*sent
            };
            let header = corrected.with_crc_over(batch.records_bytes());
            (header, walked.max_timestamp_delta)
        }
    };
    Validated {
        header,
        max_timestamp_delta,
    }
}
