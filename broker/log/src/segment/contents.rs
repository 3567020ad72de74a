//! What is known of the batches of a segment; loaded when it is first needed.

use parking_lot::{MappedMutexGuard, MutexGuard};

use crate::error::{IoContext, Result};
use crate::files::FileKind;
use crate::index::{AbortedTxn, Entry, SparseIndex};
use crate::segment::indexes::Indexes;
use crate::segment::state::Segment;

impl Segment {
    /// The indexes, under the lock that the writer needs to publish: no I/O while it is held.
    pub(crate) fn indexes(&self) -> Result<MappedMutexGuard<'_, Indexes>> {
        let state = self.state.lock();
        if let Ok(indexes) = MutexGuard::try_map(state, |state| state.indexes.as_mut()) {
            return Ok(indexes);
        }
        let loaded = self.read_indexes()?;
        Ok(MutexGuard::map(self.state.lock(), |state| {
            state.indexes.get_or_insert(loaded)
        }))
    }

    pub(crate) fn set_indexes(&self, indexes: Option<Indexes>) {
        self.state.lock().indexes = indexes;
    }

    /// The indexes as they are in their files. A segment too short for an entry has none.
    pub(crate) fn read_indexes(&self) -> Result<Indexes> {
        let offsets = self.read_index(FileKind::OffsetIndex)?;
        Ok(Indexes::loaded(
            self.base_offset(),
            offsets,
            self.read_index(FileKind::TimeIndex)?,
        ))
    }

    fn read_index<E: Entry>(&self, kind: FileKind) -> Result<SparseIndex<E>> {
        match self.open_file(kind)? {
            Some(file) => SparseIndex::load(&*file).context_at("read", || self.path(kind)),
            None => Ok(SparseIndex::empty()),
        }
    }

    pub(crate) fn aborted_count(&self) -> Result<u32> {
        if let Some(count) = self.state.lock().aborted {
            return Ok(count);
        }
        let count = match self.open_file(FileKind::TxnIndex)? {
            None => 0,
            Some(file) => {
                let bytes = file
                    .len()
                    .context_at("read", || self.path(FileKind::TxnIndex))?;
                u32::try_from(bytes / AbortedTxn::SIZE as u64).unwrap_or(u32::MAX)
            }
        };
        Ok(*self.state.lock().aborted.get_or_insert(count))
    }

    pub(crate) fn forget_aborted_count(&self) {
        self.state.lock().aborted = None;
    }
}
