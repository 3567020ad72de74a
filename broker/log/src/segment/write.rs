//! Writing a segment, and making it durable. Only the one writer of the log calls this.

use std::io::IoSlice;
use std::sync::atomic::Ordering;

use millrace_records::BatchHeader;

use crate::error::{IoContext, Result};
use crate::files::FileKind;
use crate::index::{AbortedTxn, Entry, TAIL_ENTRIES, append_aborted, write_pending};
use crate::scan::Located;
use crate::segment::indexes::Indexes;
use crate::segment::state::{Extent, Segment, State};

impl Segment {
    /// Writes bytes behind the published ones. Readers do not see them until [`Self::publish`].
    pub(crate) fn write(&self, slices: &mut [IoSlice<'_>]) -> Result<()> {
        let written = self.log_file()?.write_all_at(slices, self.extent().size);
        written.context_at("append to", || self.path(FileKind::Log))
    }

    /// Takes back what [`Self::write`] wrote since the last [`Self::publish`].
    pub(crate) fn unwrite(&self) -> Result<()> {
        let cut = self.log_file()?.set_len(self.extent().size);
        cut.context_at("cut", || self.path(FileKind::Log))
    }

    /// Takes back what a failed [`Self::write_aborted`] wrote.
    pub(crate) fn unwrite_aborted(&self) -> Result<()> {
        let bytes = u64::from(self.aborted_count()?) * AbortedTxn::SIZE as u64;
        match self.open_file(FileKind::TxnIndex)? {
            Some(file) => file
                .set_len(bytes)
                .context_at("cut", || self.path(FileKind::TxnIndex)),
            None => Ok(()),
        }
    }

    /// Shows readers the batches that were written.
    pub(crate) fn publish(&self, batches: impl Iterator<Item = BatchHeader>, interval: u32) {
        let mut state = self.state.lock();
        let State {
            extent, indexes, ..
        } = &mut *state;
        let indexes = indexes
            .as_mut()
            .expect("the indexes of an active segment are loaded");
        for header in batches {
            let batch = Located {
                header,
                position: extent.size,
            };
            indexes.add(&batch, interval);
            *extent = Extent {
                size: batch.end(),
                next_offset: header.next_offset(),
            };
        }
    }

    pub(crate) fn indexes_are_full(&self, limit: u32) -> bool {
        let state = self.state.lock();
        state
            .indexes
            .as_ref()
            .is_some_and(|indexes| indexes.are_full(u64::from(limit)))
    }

    /// Writes index entries to their files when there are many in memory.
    pub(crate) fn spill_indexes_if_many(&self) -> Result<()> {
        let unwritten = {
            let state = self.state.lock();
            state
                .indexes
                .as_ref()
                .map_or(0, |indexes| indexes.offsets.unwritten())
        };
        if unwritten < TAIL_ENTRIES {
            Ok(())
        } else {
            self.spill_indexes()
        }
    }

    /// Writes all index entries to their files.
    pub(crate) fn spill_indexes(&self) -> Result<()> {
        let (offsets, times) = {
            let state = self.state.lock();
            let Some(indexes) = &state.indexes else {
                return Ok(());
            };
            (indexes.offsets.pending(), indexes.times.pending())
        };
        self.write_index(FileKind::OffsetIndex, &offsets)?;
        self.write_index(FileKind::TimeIndex, &times)?;
        if let Some(indexes) = &mut self.state.lock().indexes {
            indexes.offsets.mark_written(offsets.0.len());
            indexes.times.mark_written(times.0.len());
        }
        Ok(())
    }

    fn write_index(&self, kind: FileKind, (bytes, position): &(Vec<u8>, u64)) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let file = match position {
            0 => self.create_file(kind)?,
            _ => self.dir.open(self.name(kind))?,
        };
        write_pending(&*file, bytes, *position).context_at("append to", || self.path(kind))
    }

    /// Completes the indexes of a segment that will not be written any more.
    pub(crate) fn seal(&self) -> Result<()> {
        if let Some(indexes) = &mut self.state.lock().indexes {
            indexes.note_max_timestamp();
        }
        self.spill_indexes()?;
        // A whole segment has its indexes, even empty ones; where they are missing, they got lost.
        self.ensure_file(FileKind::OffsetIndex)?;
        self.ensure_file(FileKind::TimeIndex)
    }

    /// Creates a file unless it is there.
    pub(crate) fn ensure_file(&self, kind: FileKind) -> Result<()> {
        if self.open_file(kind)?.is_none() {
            self.create_file(kind)?;
        }
        Ok(())
    }

    /// Notes aborted transactions whose markers were written, in the order of their markers.
    pub(crate) fn write_aborted(&self, aborted: impl Iterator<Item = AbortedTxn>) -> Result<()> {
        let mut aborted = aborted.peekable();
        if aborted.peek().is_none() {
            return Ok(());
        }
        let mut count = self.aborted_count()?;
        let file = match count {
            0 => self.create_file(FileKind::TxnIndex)?,
            _ => self.dir.open(self.name(FileKind::TxnIndex))?,
        };
        for txn in aborted {
            let appended = append_aborted(&*file, count, txn);
            appended.context_at("append to", || self.path(FileKind::TxnIndex))?;
            count += 1;
        }
        self.state.lock().aborted = Some(count);
        Ok(())
    }

    /// Removes the files that say what is in the log's file, to write them anew.
    pub(crate) fn remove_indexes(&self) -> Result<()> {
        for kind in FileKind::INDEXES {
            self.dir.remove_if_there(&self.path(kind))?;
        }
        Ok(())
    }

    /// Forgets all that the segment has, to find it anew with [`Self::publish`].
    pub(crate) fn forget_contents(&self) {
        *self.state.lock() = State {
            extent: Extent {
                size: 0,
                next_offset: self.base_offset(),
            },
            indexes: Some(Indexes::empty(self.base_offset())),
            aborted: Some(0),
        };
        self.mark_synced(false);
    }

    /// Whether a segment that is not written any more is durable with its indexes.
    pub(crate) fn is_synced(&self) -> bool {
        self.synced.load(Ordering::Acquire)
    }

    pub(crate) fn mark_synced(&self, synced: bool) {
        self.synced.store(synced, Ordering::Release);
    }

    pub(crate) fn sync_log(&self) -> Result<()> {
        self.log_file()?
            .sync_data()
            .context_at("sync", || self.path(FileKind::Log))
    }

    pub(crate) fn sync_indexes(&self) -> Result<()> {
        for kind in FileKind::INDEXES {
            if let Some(file) = self.open_file(kind)? {
                file.sync_data().context_at("sync", || self.path(kind))?;
            }
        }
        Ok(())
    }
}
