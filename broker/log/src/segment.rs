//! One segment: a file of batches with its indexes. The writer appends and publishes; readers see
//! what was published. A segment that is no longer written opens its files when somebody asks.
//! Does not know of other segments, producers or epochs.

mod indexes;

use std::io::IoSlice;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use millrace_records::BatchHeader;
use millrace_types::Offset;
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use crate::disk::DiskFile;
use crate::error::{IoContext, LogError, Result};
use crate::files::{FileKind, LogDir, SegmentFile};
use crate::index::{AbortedTxn, Entry, SparseIndex, TAIL_ENTRIES, append_aborted, write_pending};
use crate::scan::{Located, ScanError};

pub use self::indexes::TimestampOffset;
pub(crate) use self::indexes::{Indexes, relative};

/// What readers may see of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of whole batches in the file.
    pub(crate) size: u64,
    /// No batch of the segment has this offset or a larger one.
    pub(crate) next_offset: Offset,
}

#[derive(Debug)]
pub(crate) struct Segment {
    base_offset: Offset,
    dir: Arc<LogDir>,
    /// The end of all its files' names: empty, or what marks the output of compaction.
    mark: &'static str,
    log: OnceLock<Arc<dyn DiskFile>>,
    offset_index: OnceLock<Arc<dyn DiskFile>>,
    state: Mutex<State>,
    synced: AtomicBool,
}

#[derive(Debug)]
struct State {
    extent: Extent,
    /// `None` until somebody needs them, for a segment that was found on disk.
    indexes: Option<Indexes>,
    /// Entries of the transaction index; `None` until somebody needs to know.
    aborted: Option<u32>,
}

impl Segment {
    /// Starts a new, empty segment on disk.
    pub(crate) fn create(
        dir: &Arc<LogDir>,
        base_offset: Offset,
        mark: &'static str,
    ) -> Result<Self> {
        let segment = Self::marked(dir, base_offset, mark);
        segment.forget_contents();
        let _ = segment.log.set(segment.create_file(FileKind::Log)?);
        Ok(segment)
    }

    /// A segment that is on disk.
    pub(crate) fn found(dir: &Arc<LogDir>, base_offset: Offset, extent: Extent) -> Self {
        let segment = Self::marked(dir, base_offset, "");
        segment.set_extent(extent);
        segment
    }

    fn marked(dir: &Arc<LogDir>, base_offset: Offset, mark: &'static str) -> Self {
        let extent = Extent {
            size: 0,
            next_offset: base_offset,
        };
        Self {
            base_offset,
            dir: Arc::clone(dir),
            mark,
            log: OnceLock::new(),
            offset_index: OnceLock::new(),
            state: Mutex::new(State {
                extent,
                indexes: None,
                aborted: None,
            }),
            synced: AtomicBool::new(false),
        }
    }

    pub(crate) fn base_offset(&self) -> Offset {
        self.base_offset
    }

    pub(crate) fn extent(&self) -> Extent {
        self.state.lock().extent
    }

    pub(crate) fn set_extent(&self, extent: Extent) {
        self.state.lock().extent = extent;
    }

    // Files.

    pub(crate) fn path(&self, kind: FileKind) -> PathBuf {
        self.dir.path_of(self.name(kind))
    }

    fn name(&self, kind: FileKind) -> SegmentFile<'static> {
        SegmentFile {
            offset: self.base_offset,
            kind,
            mark: self.mark,
        }
    }

    /// Opens a file anew, if there is one.
    pub(crate) fn open_file(&self, kind: FileKind) -> Result<Option<Arc<dyn DiskFile>>> {
        self.dir.open_if_there(self.name(kind))
    }

    fn create_file(&self, kind: FileKind) -> Result<Arc<dyn DiskFile>> {
        self.dir.create(self.name(kind))
    }

    pub(crate) fn log_file(&self) -> Result<&Arc<dyn DiskFile>> {
        self.kept_open(&self.log, FileKind::Log)
    }

    pub(crate) fn offset_index_file(&self) -> Result<&Arc<dyn DiskFile>> {
        self.kept_open(&self.offset_index, FileKind::OffsetIndex)
    }

    fn kept_open<'a>(
        &self,
        slot: &'a OnceLock<Arc<dyn DiskFile>>,
        kind: FileKind,
    ) -> Result<&'a Arc<dyn DiskFile>> {
        if let Some(file) = slot.get() {
            return Ok(file);
        }
        let file = self.dir.open(self.name(kind))?;
        Ok(slot.get_or_init(|| file))
    }

    /// Says where a walk over this segment went wrong.
    pub(crate) fn scan_error(&self, error: ScanError) -> LogError {
        let path = self.path(FileKind::Log);
        match error {
            ScanError::Io(source) => LogError::Io {
                operation: "read",
                path,
                source,
            },
            ScanError::Corrupt { position, reason } => LogError::Corrupt {
                path,
                position,
                reason,
            },
        }
    }

    // Writing. Only the one writer of the log calls these.

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
                next_offset: self.base_offset,
            },
            indexes: Some(Indexes::empty(self.base_offset)),
            aborted: Some(0),
        };
        self.mark_synced(false);
    }

    // Making durable.

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

    // What is known of the batches; loaded when first needed.

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
            self.base_offset,
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
