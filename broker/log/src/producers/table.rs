//! All producers of a log: checks their batches and notes what was appended.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use millrace_records::{BatchHeader, EndTxnMarker};
use millrace_types::{Offset, ProducerId, Timestamp};

use crate::index::AbortedTxn;
use crate::producers::error::ProducerError;
use crate::producers::state::{ProducerState, RetainedBatch};

/// Who wants to append, which says how much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A producer: epoch and sequence are checked.
    Client,
    /// A coordinator on behalf of a producer, without sequence numbers: the epoch is checked.
    Coordinator,
}

/// A transaction that has its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompletedTxn {
    pub(crate) producer_id: ProducerId,
    pub(crate) first_offset: Offset,
    /// Of the marker.
    pub(crate) last_offset: Offset,
    pub(crate) committed: bool,
    /// Where the oldest transaction begins that is still open, or the end of this one.
    pub(crate) last_stable_offset: Offset,
}

#[derive(Debug, Default)]
pub struct Producers {
    states: HashMap<ProducerId, ProducerState>,
    /// First offset of each open transaction.
    open: BTreeMap<Offset, ProducerId>,
    /// How to take back what was applied since [`Producers::begin`].
    undo: Vec<(ProducerId, Option<ProducerState>)>,
}

impl Producers {
    #[must_use]
    pub fn get(&self, producer_id: ProducerId) -> Option<&ProducerState> {
        self.states.get(&producer_id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerState)> {
        self.states
            .iter()
            .map(|(&producer_id, state)| (producer_id, state))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Where the oldest transaction without a marker begins.
    #[must_use]
    pub fn first_undecided(&self) -> Option<Offset> {
        self.open.first_key_value().map(|(&first, _)| first)
    }

    /// The batch that was appended already and is repeated here.
    pub(crate) fn duplicate_of(&self, batch: &BatchHeader) -> Option<RetainedBatch> {
        self.get(batch.producer_id)?.duplicate_of(batch)
    }

    /// Whether a leader may append a data batch.
    pub(crate) fn check(&self, batch: &BatchHeader, origin: Origin) -> Result<(), ProducerError> {
        let Some(state) = self.get(batch.producer_id) else {
            return Ok(());
        };
        state.check_epoch(batch)?;
        if origin == Origin::Client {
            state.check_sequence(batch)?;
        }
        if state.txn_first_offset.is_some() && !batch.attributes.is_transactional() {
            let producer_id = batch.producer_id;
            return Err(ProducerError::NotTransactional { producer_id });
        }
        Ok(())
    }

    /// Whether a leader may append a transaction marker.
    pub(crate) fn check_marker(
        &self,
        batch: &BatchHeader,
        marker: EndTxnMarker,
    ) -> Result<(), ProducerError> {
        let Some(state) = self.get(batch.producer_id) else {
            return Ok(());
        };
        state.check_epoch(batch)?;
        let (found, current) = (marker.coordinator_epoch, state.coordinator_epoch);
        if found < current {
            return Err(ProducerError::CoordinatorFenced { found, current });
        }
        Ok(())
    }

    /// From here on [`Producers::roll_back`] takes everything back.
    pub(crate) fn begin(&mut self) {
        self.undo.clear();
    }

    /// Keeps what was applied since [`Producers::begin`].
    pub(crate) fn commit(&mut self) {
        self.undo = Vec::new();
    }

    /// Forgets what was applied since [`Producers::begin`].
    pub(crate) fn roll_back(&mut self) {
        while let Some((producer_id, before)) = self.undo.pop() {
            let now = match before {
                Some(before) => self.states.insert(producer_id, before),
                None => self.states.remove(&producer_id),
            };
            if let Some(first) = now.and_then(|now| now.txn_first_offset) {
                self.open.remove(&first);
            }
            if let Some(first) = before.and_then(|before| before.txn_first_offset) {
                self.open.insert(first, producer_id);
            }
        }
    }

    /// Notes a data batch that has its offsets.
    pub(crate) fn apply(&mut self, batch: &BatchHeader) {
        let state = self.change(batch.producer_id);
        state.add(batch);
        if batch.attributes.is_transactional() && state.txn_first_offset.is_none() {
            state.txn_first_offset = Some(batch.base_offset);
            self.open.insert(batch.base_offset, batch.producer_id);
        }
    }

    /// Notes a transaction marker that has its offset.
    pub(crate) fn apply_marker(
        &mut self,
        batch: &BatchHeader,
        marker: EndTxnMarker,
    ) -> Option<CompletedTxn> {
        let producer_id = batch.producer_id;
        let state = self.change(producer_id);
        state.enter_epoch(batch.producer_epoch);
        state.coordinator_epoch = marker.coordinator_epoch;
        state.last_timestamp = batch.max_timestamp;
        let first_offset = state.txn_first_offset.take()?;
        self.open.remove(&first_offset);
        Some(CompletedTxn {
            producer_id,
            first_offset,
            last_offset: batch.base_offset,
            committed: marker.committed,
            last_stable_offset: self.first_undecided().unwrap_or(batch.base_offset + 1),
        })
    }

    fn change(&mut self, producer_id: ProducerId) -> &mut ProducerState {
        self.undo
            .push((producer_id, self.states.get(&producer_id).copied()));
        self.states.entry(producer_id).or_default()
    }

    /// Forgets producers that are not in a transaction and were last seen too long ago.
    pub(crate) fn expire(&mut self, now: Timestamp, expiration_ms: i64) {
        self.states
            .retain(|_, state| !state.is_expired(now, expiration_ms));
    }

    /// Takes over a producer from a snapshot.
    pub(crate) fn restore(&mut self, producer_id: ProducerId, state: ProducerState) {
        if let Some(first) = state.txn_first_offset {
            self.open.insert(first, producer_id);
        }
        self.states.insert(producer_id, state);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl From<&CompletedTxn> for AbortedTxn {
    fn from(txn: &CompletedTxn) -> Self {
        Self {
            producer_id: txn.producer_id,
            first_offset: txn.first_offset,
            last_offset: txn.last_offset,
            last_stable_offset: txn.last_stable_offset,
        }
    }
}
