//! One producer as a log knows it.

use millrace_records::BatchHeader;
use millrace_records::batch::sequence_after;
use millrace_types::{NO_PRODUCER_EPOCH, NO_SEQUENCE, Offset, ProducerEpoch, Sequence, Timestamp};

use crate::producers::error::ProducerError;

/// Clients have at most this many batches in flight per partition, so older ones are not repeated.
pub(crate) const RETAINED_BATCHES: usize = 5;
const NO_COORDINATOR_EPOCH: i32 = -1;

/// A batch of which the log remembers where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetainedBatch {
    pub last_sequence: Sequence,
    pub last_offset: Offset,
    pub offset_delta: i32,
    pub timestamp: Timestamp,
}

impl RetainedBatch {
    #[must_use]
    pub fn first_offset(&self) -> Offset {
        self.last_offset - Offset::from(self.offset_delta)
    }

    fn first_sequence(&self) -> Sequence {
        sequence_before(self.last_sequence, self.offset_delta)
    }
}

/// Sequences wrap below zero to `i32::MAX`.
fn sequence_before(sequence: Sequence, decrement: i32) -> Sequence {
    if sequence >= decrement {
        sequence - decrement
    } else {
        i32::MAX - (decrement - sequence) + 1
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    pub epoch: ProducerEpoch,
    /// Of the coordinator that wrote the last marker.
    pub coordinator_epoch: i32,
    pub last_timestamp: Timestamp,
    /// Where the open transaction begins.
    pub txn_first_offset: Option<Offset>,
    /// The newest is last.
    batches: [Option<RetainedBatch>; RETAINED_BATCHES],
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            epoch: NO_PRODUCER_EPOCH,
            coordinator_epoch: NO_COORDINATOR_EPOCH,
            last_timestamp: -1,
            txn_first_offset: None,
            batches: [None; RETAINED_BATCHES],
        }
    }
}

impl ProducerState {
    #[must_use]
    pub fn last_batch(&self) -> Option<RetainedBatch> {
        self.batches[RETAINED_BATCHES - 1]
    }

    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        self.last_batch()
            .map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    pub(crate) fn duplicate_of(&self, batch: &BatchHeader) -> Option<RetainedBatch> {
        if batch.producer_epoch != self.epoch || batch.base_sequence == NO_SEQUENCE {
            return None;
        }
        let same = |known: &&RetainedBatch| {
            known.last_sequence == batch.last_sequence()
                && known.first_sequence() == batch.base_sequence
        };
        self.batches.iter().flatten().find(same).copied()
    }

    pub(crate) fn check_epoch(&self, batch: &BatchHeader) -> Result<(), ProducerError> {
        if batch.producer_epoch >= self.epoch {
            return Ok(());
        }
        Err(ProducerError::StaleEpoch {
            producer_id: batch.producer_id,
            found: batch.producer_epoch,
            current: self.epoch,
        })
    }

    /// The epoch is not older than the last one.
    pub(crate) fn check_sequence(&self, batch: &BatchHeader) -> Result<(), ProducerError> {
        let found = batch.base_sequence;
        let producer_id = batch.producer_id;
        let expected = match self.last_batch() {
            _ if self.epoch == NO_PRODUCER_EPOCH => return Ok(()),
            Some(last) if batch.producer_epoch == self.epoch => {
                sequence_after(last.last_sequence, 1)
            }
            // A new epoch, or an epoch that has only markers yet, begins at 0.
            _ => 0,
        };
        if found == expected {
            return Ok(());
        }
        if batch.producer_epoch == self.epoch && self.is_forgotten(batch) {
            return Err(ProducerError::OldDuplicate { producer_id, found });
        }
        Err(ProducerError::OutOfOrder {
            producer_id,
            found,
            expected,
        })
    }

    /// Whether the whole batch is older than all that are remembered. Sequences are compared around
    /// the wrap: half of their range is the past.
    fn is_forgotten(&self, batch: &BatchHeader) -> bool {
        let Some(oldest) = self.batches.iter().flatten().next() else {
            return false;
        };
        let distance =
            sequence_before(oldest.first_sequence(), 1).wrapping_sub(batch.last_sequence());
        let distance = distance & i32::MAX;
        batch.base_sequence >= 0 && distance < i32::MAX / 2
    }

    pub(crate) fn enter_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches = [None; RETAINED_BATCHES];
        }
    }

    pub(crate) fn add(&mut self, batch: &BatchHeader) {
        self.enter_epoch(batch.producer_epoch);
        self.retain(RetainedBatch {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta,
            timestamp: batch.max_timestamp,
        });
        self.last_timestamp = batch.max_timestamp;
    }

    pub(crate) fn retain(&mut self, batch: RetainedBatch) {
        self.batches.rotate_left(1);
        self.batches[RETAINED_BATCHES - 1] = Some(batch);
    }

    pub(crate) fn is_expired(&self, now: Timestamp, expiration_ms: i64) -> bool {
        self.txn_first_offset.is_none() && now.saturating_sub(self.last_timestamp) >= expiration_ms
    }
}
