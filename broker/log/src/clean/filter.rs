//! What of a batch is kept. Decides on one batch at a time, in memory: reads and writes no files.

use hashbrown::HashMap;
use millrace_records::{
    BatchBuilder, BatchHeader, BatchView, BuildError, RecordError, RecordView, Scratch,
    read_control,
};
use millrace_types::{Offset, ProducerEpoch, ProducerId, Timestamp};

use crate::clean::offset_map::OffsetMap;
use crate::clean::transactions::{Marker, Transactions};
use crate::index::AbortedTxn;
use crate::producers::Producers;

/// Where the last traces of the live producers are: taken from the writer before a cleaning.
#[derive(Clone, Debug, Default)]
pub struct LastRecords(HashMap<ProducerId, LastRecord>);

#[derive(Clone, Copy, Debug)]
enum LastRecord {
    /// The last offset of its last data batch.
    Data(Offset),
    /// It has only written markers, of this epoch.
    Marker(ProducerEpoch),
}

impl LastRecords {
    #[must_use]
    pub fn of(producers: &Producers) -> Self {
        let last = producers.iter().map(|(producer_id, state)| {
            let last = state.last_batch().map(|batch| batch.last_offset);
            (
                producer_id,
                last.map_or(LastRecord::Marker(state.epoch), LastRecord::Data),
            )
        });
        Self(last.collect())
    }

    /// Without this batch, a producer's epoch or sequence would be forgotten.
    fn needs(&self, batch: &BatchHeader) -> bool {
        batch.has_producer_id()
            && match self.0.get(&batch.producer_id) {
                None => false,
                Some(&LastRecord::Data(offset)) => batch.last_offset() == offset,
                Some(&LastRecord::Marker(epoch)) => {
                    batch.attributes.is_control() && batch.producer_epoch == epoch
                }
            }
    }
}

/// What stays the same for all batches of a cleaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    pub(crate) map: &'a OffsetMap,
    /// The map knows the keys of all records before this offset, and of no others.
    pub(crate) mapped_end: Offset,
    /// Where the last batch ends of those segments that become one. It stays, if only empty, so that
    /// the new segment ends where they did: that is how a crash between the two is mended.
    pub(crate) group_end: Offset,
    pub(crate) producers: &'a LastRecords,
    pub(crate) delete_retention_ms: i64,
    pub(crate) max_expanded_bytes: usize,
    pub(crate) now: Timestamp,
}

/// What becomes of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Nothing,
    AsItIs,
    Rewritten(Vec<u8>),
}

/// The records that are left of a batch.
struct Survivors<'r> {
    records: Vec<RecordView<'r>>,
    all: bool,
    any_tombstone: bool,
}

/// Why a batch cannot be cleaned.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) enum FilterError {
    Read(#[from] RecordError),
    Build(#[from] BuildError),
}

impl Filter<'_> {
    /// Decides on the next batch of the log. Aborted transactions that still need their marker go to
    /// `still_aborted`.
    pub(crate) fn keep(
        &self,
        batch: &BatchView<'_>,
        transactions: &mut Transactions,
        still_aborted: &mut Vec<AbortedTxn>,
        scratch: &mut Scratch,
    ) -> Result<Kept, FilterError> {
        let header = batch.header();
        if header.attributes.is_control() {
            let fate = transactions.end(header, read_control(batch, scratch)?);
            if let Marker::NeededForAborted(txn) = fate {
                still_aborted.push(txn);
            }
            return self.keep_marker(batch, fate, scratch);
        }
        if transactions.is_aborted(header) {
            return self.keep_without_records(header);
        }
        let survivors = self.survivors(batch, scratch)?;
        self.rebuild(batch, &survivors, survivors.any_tombstone)
    }

    /// A marker without records of its transaction gets a delete horizon, and goes when that is past
    /// and its producer has left another trace. Emptied, it would not tell the producer's epoch.
    fn keep_marker(
        &self,
        batch: &BatchView<'_>,
        fate: Marker,
        scratch: &mut Scratch,
    ) -> Result<Kept, FilterError> {
        let header = batch.header();
        let horizon = header.delete_horizon();
        let is_past = horizon.is_some_and(|horizon| horizon <= self.now);
        if is_past && fate == Marker::Superfluous && !self.producers.needs(header) {
            return self.keep_without_records(header);
        }
        if horizon.is_some() || fate != Marker::Superfluous {
            return Ok(Kept::AsItIs);
        }
        let records = batch.records(scratch, self.max_expanded_bytes)?;
        let records = records
            .collect::<Result<Vec<_>, _>>()
            .map_err(RecordError::from)?;
        let survivors = Survivors {
            records,
            all: true,
            any_tombstone: false,
        };
        self.rebuild(batch, &survivors, true)
    }

    /// The batch with what is left of it. `is_going` says that some of that is to go later.
    fn rebuild(
        &self,
        batch: &BatchView<'_>,
        survivors: &Survivors<'_>,
        is_going: bool,
    ) -> Result<Kept, FilterError> {
        let header = batch.header();
        if survivors.records.is_empty() {
            return self.keep_without_records(header);
        }
        let needs_horizon = is_going && header.delete_horizon().is_none();
        if survivors.all && !needs_horizon {
            return Ok(Kept::AsItIs);
        }
        let mut builder = BatchBuilder::like(header);
        if needs_horizon {
            builder = builder.delete_horizon(self.now.saturating_add(self.delete_retention_ms));
        }
        for record in &survivors.records {
            builder.push_view(record)?;
        }
        Ok(Kept::Rewritten(builder.build()?))
    }

    /// An empty batch where somebody needs to know that there was one.
    fn keep_without_records(&self, header: &BatchHeader) -> Result<Kept, FilterError> {
        let is_last_of_group = header.next_offset() == self.group_end;
        if !is_last_of_group && !self.producers.needs(header) {
            return Ok(Kept::Nothing);
        }
        if header.record_count == 0 {
            return Ok(Kept::AsItIs);
        }
        Ok(Kept::Rewritten(BatchBuilder::like(header).build()?))
    }

    fn survivors<'r>(
        &self,
        batch: &BatchView<'r>,
        scratch: &'r mut Scratch,
    ) -> Result<Survivors<'r>, FilterError> {
        let horizon = batch.header().delete_horizon();
        let tombstones_may_go = horizon.is_some_and(|horizon| horizon <= self.now);
        let mut survivors = Survivors {
            records: Vec::new(),
            all: true,
            any_tombstone: false,
        };
        for record in batch.records(scratch, self.max_expanded_bytes)? {
            let record = record.map_err(RecordError::from)?;
            if self.survives(&record, tombstones_may_go) {
                survivors.any_tombstone |= record.value.is_none();
                survivors.records.push(record);
            } else {
                survivors.all = false;
            }
        }
        Ok(survivors)
    }

    /// Records without a key, from before the topic was compacted, cannot be told apart: they go.
    fn survives(&self, record: &RecordView<'_>, tombstones_may_go: bool) -> bool {
        if record.offset >= self.mapped_end {
            return true;
        }
        let is_last = record
            .key
            .is_some_and(|key| record.offset >= self.map.get(key));
        is_last && (record.value.is_some() || !tombstones_may_go)
    }
}
