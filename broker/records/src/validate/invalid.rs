//! Why a produced batch is refused, in the words and codes of the response.

use millrace_types::{ErrorCode, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::batch::{BatchError, CorruptBatch};
use crate::compression::{DecompressError, UnknownCodec};
use crate::record::RecordError;

/// Why a leader does not take a batch.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBatch {
    #[error("there are no records")]
    Empty,
    #[error("there is more than one batch for the partition")]
    MoreThanOne,
    #[error(transparent)]
    Unreadable(#[from] BatchError),
    #[error("batch of {size} bytes exceeds the topic's limit of {limit}")]
    TooLarge { size: usize, limit: usize },
    #[error("clients may not write control batches")]
    Control,
    #[error("clients may not set a delete horizon")]
    DeleteHorizon,
    #[error("clients may not set the timestamp type to log append time")]
    TimestampType,
    #[error("batch has {count} records and a last offset delta of {delta}")]
    Count { count: i32, delta: i32 },
    #[error("producer {id} sent epoch {epoch} and base sequence {sequence}")]
    Producer {
        id: ProducerId,
        epoch: ProducerEpoch,
        sequence: Sequence,
    },
    #[error("transactional batch has no producer id")]
    TransactionWithoutProducer,
    #[error(transparent)]
    Codec(#[from] UnknownCodec),
    #[error("zstd needs produce version 7 or later")]
    ZstdTooOld,
    #[error("record {index} is malformed")]
    Record {
        index: i32,
        #[source]
        cause: RecordError,
    },
    #[error("record {index} has the offset delta {delta}")]
    OffsetDelta { index: i32, delta: i32 },
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    #[error("one or more records have been rejected")]
    Rejected(Vec<RejectedRecord>),
}

/// One record because of which its whole batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Place in the batch.
    pub index: i32,
    pub reason: RejectionReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectionReason {
    #[error("compacted topic cannot accept a record without a key")]
    MissingKey,
    #[error("timestamp {timestamp} is not between {earliest} and {latest}")]
    Timestamp {
        timestamp: Timestamp,
        earliest: Timestamp,
        latest: Timestamp,
    },
}

impl InvalidBatch {
    /// The code for the partition in the produce response.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unreadable(error) => code_of_unreadable(error),
            Self::TooLarge { .. }
            | Self::Decompress(DecompressError::TooLarge { .. })
            | Self::Record {
                cause: RecordError::Decompress(DecompressError::TooLarge { .. }),
                ..
            } => ErrorCode::MessageTooLarge,
            Self::TimestampType => ErrorCode::InvalidTimestamp,
            Self::Codec(_) | Self::ZstdTooOld => ErrorCode::UnsupportedCompressionType,
            Self::Rejected(records) if records.iter().any(RejectedRecord::is_untimely) => {
                ErrorCode::InvalidTimestamp
            }
            Self::Empty
            | Self::MoreThanOne
            | Self::Control
            | Self::DeleteHorizon
            | Self::Count { .. }
            | Self::Producer { .. }
            | Self::TransactionWithoutProducer
            | Self::Record { .. }
            | Self::OffsetDelta { .. }
            | Self::Decompress(_)
            | Self::Rejected(_) => ErrorCode::InvalidRecord,
        }
    }

    /// The records that caused it, where single ones did.
    #[must_use]
    pub fn rejected_records(&self) -> &[RejectedRecord] {
        match self {
            Self::Rejected(records) => records,
            _ => &[],
        }
    }
}

/// Damage on the way may be gone on the next try; a wrong header was sent that way.
const fn code_of_unreadable(error: &BatchError) -> ErrorCode {
    match error {
        BatchError::Truncated { .. }
        | BatchError::Corrupt(CorruptBatch::Length(_) | CorruptBatch::Crc { .. }) => {
            ErrorCode::CorruptMessage
        }
        BatchError::Corrupt(_) => ErrorCode::InvalidRecord,
    }
}

impl RejectedRecord {
    const fn is_untimely(&self) -> bool {
        matches!(self.reason, RejectionReason::Timestamp { .. })
    }
}
