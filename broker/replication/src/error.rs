//! Why a partition did not take a batch. Maps to the protocol's error codes.

use millrace_log::ProducerError;
use millrace_types::ErrorCode;

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AppendError {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("fewer replicas are in sync than min.insync.replicas asks for")]
    NotEnoughReplicas,
    #[error("the batch does not continue what its producer sent before")]
    Producer(#[source] ProducerError),
    #[error("the batch is larger than a segment may be")]
    TooLarge,
    #[error("the log cannot be written")]
    Storage,
    /// The disk has been at one write for so long that the queue behind it is full.
    #[error("the log has stalled")]
    Stalled,
}

impl AppendError {
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotLeader => ErrorCode::NotLeaderOrFollower,
            Self::NotEnoughReplicas => ErrorCode::NotEnoughReplicas,
            Self::Producer(error) => code_of(error),
            Self::TooLarge => ErrorCode::RecordListTooLarge,
            Self::Storage => ErrorCode::KafkaStorageError,
            Self::Stalled => ErrorCode::RequestTimedOut,
        }
    }
}

fn code_of(error: &ProducerError) -> ErrorCode {
    match error {
        ProducerError::StaleEpoch { .. } => ErrorCode::InvalidProducerEpoch,
        ProducerError::OutOfOrder { .. } => ErrorCode::OutOfOrderSequenceNumber,
        ProducerError::OldDuplicate { .. } => ErrorCode::DuplicateSequenceNumber,
        ProducerError::NotTransactional { .. } => ErrorCode::InvalidTxnState,
        ProducerError::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
    }
}
