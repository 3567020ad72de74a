//! Why a producer's batch is refused.

use millrace_types::{ProducerEpoch, ProducerId, Sequence};

/// Why a batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProducerError {
    /// `INVALID_PRODUCER_EPOCH`
    #[error("producer {producer_id} has epoch {found}, but {current} was seen")]
    StaleEpoch {
        producer_id: ProducerId,
        found: ProducerEpoch,
        current: ProducerEpoch,
    },
    /// `OUT_OF_ORDER_SEQUENCE_NUMBER`
    #[error("producer {producer_id} sent sequence {found} instead of {expected}")]
    OutOfOrder {
        producer_id: ProducerId,
        found: Sequence,
        expected: Sequence,
    },
    /// `DUPLICATE_SEQUENCE_NUMBER`: it is in the log, but so far back that its offset is forgotten.
    #[error("producer {producer_id} sent sequence {found} long ago")]
    OldDuplicate {
        producer_id: ProducerId,
        found: Sequence,
    },
    /// `INVALID_TXN_STATE`
    #[error("producer {producer_id} is in a transaction and sent a batch outside of it")]
    NotTransactional { producer_id: ProducerId },
    /// `TRANSACTION_COORDINATOR_FENCED`
    #[error("a coordinator of epoch {found} ends a transaction, but {current} was seen")]
    CoordinatorFenced { found: i32, current: i32 },
}
