//! Reading for consumers: which bytes, up to where, and what to know beside them.

use millrace_log::{AbortedTxn, FileSlice, LogError, ReadRequest};
use millrace_types::{ErrorCode, LeaderEpoch, Offset};

use crate::partition::state::Partition;

/// How far a consumer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Up to the high watermark.
    Uncommitted,
    /// Up to the first transaction that is not decided.
    Committed,
}

#[derive(Clone, Copy, Debug)]
pub struct ReadAsk {
    pub offset: Offset,
    pub max_bytes: usize,
    pub isolation: Isolation,
    /// What the consumer believes the leader's epoch to be.
    pub leader_epoch: LeaderEpoch,
    /// Return a whole batch even if it is larger than `max_bytes`.
    pub min_one_batch: bool,
}

#[derive(Clone, Debug)]
pub struct ReadAnswer {
    pub slice: Option<FileSlice>,
    pub high_watermark: Offset,
    pub last_stable_offset: Offset,
    pub log_start_offset: Offset,
    /// Transactions in the range that were aborted; only for readers of committed records.
    pub aborted: Option<Vec<AbortedTxn>>,
}

impl Partition {
    /// # Errors
    /// The protocol's code for why nothing can be read there.
    pub fn read(&self, ask: &ReadAsk) -> Result<ReadAnswer, ErrorCode> {
        self.check_epoch(ask.leader_epoch)?;
        let high_watermark = self.high_watermark();
        let last_stable_offset = self.view.last_stable_offset(high_watermark);
        let upper_bound = match ask.isolation {
            Isolation::Uncommitted => high_watermark,
            Isolation::Committed => last_stable_offset,
        };
        let request = ReadRequest {
            from: ask.offset,
            max_bytes: ask.max_bytes,
            upper_bound,
            min_one_batch: ask.min_one_batch,
        };
        let slice = self
            .view
            .read(&request)
            .map_err(|error| self.code_of(&error))?;
        let aborted = match (ask.isolation, &slice) {
            (Isolation::Uncommitted, _) => None,
            (Isolation::Committed, None) => Some(Vec::new()),
            (Isolation::Committed, Some(slice)) => {
                let aborted = self
                    .view
                    .aborted_transactions(ask.offset, slice.next_offset);
                Some(aborted.map_err(|error| self.code_of(&error))?)
            }
        };
        Ok(ReadAnswer {
            slice,
            high_watermark,
            last_stable_offset,
            log_start_offset: self.view.start_offset(),
            aborted,
        })
    }

    /// What a client hears of a failure of the log; the rest is for the operator.
    pub fn code_of(&self, error: &LogError) -> ErrorCode {
        if let LogError::OffsetOutOfRange { .. } = error {
            return ErrorCode::OffsetOutOfRange;
        }
        tracing::error!(
            partition = %self.id,
            error = error as &dyn std::error::Error,
            "the log could not be read"
        );
        ErrorCode::KafkaStorageError
    }
}
