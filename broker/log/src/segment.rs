//! One segment: a file of batches with its indexes. The writer appends and publishes; readers see
//! what was published. A segment that is no longer written opens its files when somebody asks.
//! Does not know of other segments, producers or epochs.

use std::io::IoSlice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use millrace_records::BatchHeader;
use millrace_types::{NO_TIMESTAMP, Offset, Timestamp};
use parking_lot::Mutex;

use crate::config::LogConfig;
use crate::disk::DiskFile;
use crate::error::{IoContext, LogError, Result};
use crate::files::{FileKind, LogDir};
use crate::index::{
    AbortedTxn, Entry, OffsetEntry, SparseIndex, TAIL_ENTRIES, TimeEntry, append_aborted,
    collect_aborted, floor_in_file, guess_slot, write_pending,
};
use crate::producers::CompletedTxn;
use crate::scan::{Located, SHORT_WALK_BYTES, ScanError, Scanner};

/// What readers may see of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of whole batches in the file.
    pub(crate) size: u64,
    /// No batch of the segment has this offset or a larger one.
    pub(crate) next_offset: Offset,
}

/// A timestamp and an offset that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    pub timestamp: Timestamp,
    pub offset: Offset,
}

#[derive(Debug)]
pub(crate) struct Segment {
    base_offset: Offset,
    dir: Arc<LogDir>,
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

#[derive(Debug)]
struct Indexes {
    offsets: SparseIndex<OffsetEntry>,
    times: SparseIndex<TimeEntry>,
    bytes_since_entry: u64,
    /// The largest timestamp, and the last offset of the first batch that has it.
    max_timestamp: TimestampOffset,
}

impl Indexes {
    fn empty(base_offset: Offset) -> Self {
        Self {
            offsets: SparseIndex::empty(),
            times: SparseIndex::empty(),
            bytes_since_entry: 0,
            max_timestamp: TimestampOffset {
                timestamp: NO_TIMESTAMP,
                offset: base_offset,
            },
        }
    }

    /// Takes a batch into account that is behind the last entry, or is the one it points at.
    fn count(&mut self, batch: &Located) {
        let (timestamp, offset) = (batch.header.max_timestamp, batch.header.last_offset());
        if timestamp > self.max_timestamp.timestamp {
            self.max_timestamp = TimestampOffset { timestamp, offset };
        }
        self.bytes_since_entry += batch.header.size_in_bytes() as u64;
    }

    fn add(&mut self, base_offset: Offset, batch: &Located, interval: u32) {
        let is_due = self.bytes_since_entry > u64::from(interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.count(batch);
        if is_due {
            let offset = relative(batch.header.last_offset(), base_offset);
            let position = u32::try_from(batch.position).expect("a segment is smaller than 2 GiB");
            self.offsets.push(OffsetEntry { offset, position });
            self.note_max_timestamp(base_offset);
        }
    }

    /// Puts the largest timestamp into the time index unless it is there.
    fn note_max_timestamp(&mut self, base_offset: Offset) {
        let TimestampOffset { timestamp, offset } = self.max_timestamp;
        if timestamp
            > self
                .times
                .last()
                .map_or(NO_TIMESTAMP, |entry| entry.timestamp)
        {
            self.times.push(TimeEntry {
                timestamp,
                offset: relative(offset, base_offset),
            });
        }
    }
}

/// An offset of the segment as its indexes write it.
fn relative(offset: Offset, base_offset: Offset) -> u32 {
    u32::try_from(offset - base_offset).expect("a segment spans fewer than 2^31 offsets")
}

impl Segment {
    /// Starts a new, empty segment on disk.
    pub(crate) fn create(dir: &Arc<LogDir>, base_offset: Offset) -> Result<Self> {
        let file = dir.create(base_offset, FileKind::Log)?;
        let segment = Self::found(
            dir,
            base_offset,
            Extent {
                size: 0,
                next_offset: base_offset,
            },
        );
        segment.forget_contents();
        let _ = segment.log.set(file);
        Ok(segment)
    }

    /// A segment that is on disk.
    pub(crate) fn found(dir: &Arc<LogDir>, base_offset: Offset, extent: Extent) -> Self {
        Self {
            base_offset,
            dir: Arc::clone(dir),
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

    pub(crate) fn dir(&self) -> &Arc<LogDir> {
        &self.dir
    }

    pub(crate) fn extent(&self) -> Extent {
        self.state.lock().extent
    }

    pub(crate) fn log_file(&self) -> Result<&Arc<dyn DiskFile>> {
        if let Some(file) = self.log.get() {
            return Ok(file);
        }
        let file = self.dir.open(self.base_offset, FileKind::Log)?;
        Ok(self.log.get_or_init(|| file))
    }

    fn offset_index_file(&self) -> Result<&Arc<dyn DiskFile>> {
        if let Some(file) = self.offset_index.get() {
            return Ok(file);
        }
        let file = self.dir.open(self.base_offset, FileKind::OffsetIndex)?;
        Ok(self.offset_index.get_or_init(|| file))
    }

    /// Says where a walk over this segment went wrong.
    pub(crate) fn scan_error(&self, error: ScanError) -> LogError {
        let path = self.dir.file(self.base_offset, FileKind::Log);
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
        let size = self.extent().size;
        let path = || self.dir.file(self.base_offset, FileKind::Log);
        let written = self.log_file()?.write_all_at(slices, size);
        written.or_else(|error| Err(error).context("append to", &path()))
    }

    /// Takes back what [`Self::write`] wrote since the last [`Self::publish`].
    pub(crate) fn unwrite(&self) -> Result<()> {
        let size = self.extent().size;
        let cut = self.log_file()?.set_len(size);
        cut.or_else(|error| {
            Err(error).context("cut", &self.dir.file(self.base_offset, FileKind::Log))
        })
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
            indexes.add(self.base_offset, &batch, interval);
            *extent = Extent {
                size: batch.end(),
                next_offset: header.next_offset(),
            };
        }
    }

    /// Whether another batch would make an index larger than it may be. One time index entry is kept
    /// in reserve for the end of the segment.
    pub(crate) fn indexes_are_full(&self, config: &LogConfig) -> bool {
        let limit = u64::from(config.segment_index_bytes);
        let state = self.state.lock();
        state.indexes.as_ref().is_some_and(|indexes| {
            let times = indexes.times.bytes_with_next() + TimeEntry::SIZE as u64;
            indexes.offsets.bytes_with_next() > limit || times > limit
        })
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
        let write = |kind: FileKind, (bytes, position): &(Vec<u8>, u64)| {
            if bytes.is_empty() {
                return Ok(());
            }
            let file = match (kind, position) {
                (_, 0) => self.dir.create(self.base_offset, kind)?,
                (FileKind::OffsetIndex, _) => Arc::clone(self.offset_index_file()?),
                _ => self.dir.open(self.base_offset, kind)?,
            };
            let written = write_pending(&*file, bytes, *position);
            written.context("append to", &self.dir.file(self.base_offset, kind))
        };
        write(FileKind::OffsetIndex, &offsets)?;
        write(FileKind::TimeIndex, &times)?;
        let mut state = self.state.lock();
        if let Some(indexes) = &mut state.indexes {
            indexes.offsets.mark_written(offsets.0.len());
            indexes.times.mark_written(times.0.len());
        }
        Ok(())
    }

    /// Completes the indexes of a segment that will not be written any more.
    pub(crate) fn seal(&self) -> Result<()> {
        if let Some(indexes) = &mut self.state.lock().indexes {
            indexes.note_max_timestamp(self.base_offset);
        }
        self.spill_indexes()
    }

    /// Notes aborted transactions whose markers were written, in the order of their markers.
    pub(crate) fn write_aborted<'a>(
        &self,
        completed: impl Iterator<Item = &'a CompletedTxn>,
    ) -> Result<()> {
        let mut completed = completed.peekable();
        if completed.peek().is_none() {
            return Ok(());
        }
        let path = self.dir.file(self.base_offset, FileKind::TxnIndex);
        let mut count = self.aborted_count()?;
        let file = match count {
            0 => self.dir.create(self.base_offset, FileKind::TxnIndex)?,
            _ => self.dir.open(self.base_offset, FileKind::TxnIndex)?,
        };
        for txn in completed {
            append_aborted(&*file, count, txn.into()).context("append to", &path)?;
            count += 1;
        }
        self.state.lock().aborted = Some(count);
        Ok(())
    }

    // Making durable.

    /// Whether a segment that is not written any more is durable with its indexes.
    pub(crate) fn is_synced(&self) -> bool {
        self.synced.load(Ordering::Acquire)
    }

    pub(crate) fn mark_synced(&self) {
        self.synced.store(true, Ordering::Release);
    }

    pub(crate) fn sync_log(&self) -> Result<()> {
        let synced = self.log_file()?.sync_data();
        synced.or_else(|error| {
            Err(error).context("sync", &self.dir.file(self.base_offset, FileKind::Log))
        })
    }

    /// Makes the segment's other files durable, and the producer snapshot as of `snapshot_offset`.
    pub(crate) fn sync_indexes(&self, snapshot_offset: Offset) -> Result<()> {
        let base = self.base_offset;
        for (kind, offset) in [
            (FileKind::OffsetIndex, base),
            (FileKind::TimeIndex, base),
            (FileKind::TxnIndex, base),
            (FileKind::Snapshot, snapshot_offset),
        ] {
            if let Some(file) = self.dir.open_if_there(offset, kind)? {
                file.sync_data()
                    .context("sync", &self.dir.file(offset, kind))?;
            }
        }
        Ok(())
    }

    /// Forgets all that the segment has, to find it anew with [`Self::publish`].
    pub(crate) fn forget_contents(&self) {
        let base_offset = self.base_offset;
        *self.state.lock() = State {
            extent: Extent {
                size: 0,
                next_offset: base_offset,
            },
            indexes: Some(Indexes::empty(base_offset)),
            aborted: Some(0),
        };
        self.synced.store(false, Ordering::Release);
    }

    // Reading.

    /// The first batch that ends at or behind `offset`, if the segment has one in its first
    /// `extent.size` bytes.
    pub(crate) fn locate(&self, offset: Offset, extent: Extent) -> Result<Option<Located>> {
        let hint = self.position_at_or_before(offset, extent)?;
        let found = self.locate_from(hint, offset, extent);
        match found {
            Ok(Some(batch)) if batch.position > hint || batch.header.last_offset() == offset => {
                Ok(Some(batch))
            }
            // The index led astray: the log itself is the truth.
            Ok(_) | Err(LogError::Corrupt { .. }) if hint > 0 => {
                self.locate_from(0, offset, extent)
            }
            found => found,
        }
    }

    fn locate_from(&self, start: u64, offset: Offset, extent: Extent) -> Result<Option<Located>> {
        let mut window = [0; SHORT_WALK_BYTES];
        let mut scanner = Scanner::new(&**self.log_file()?, start, extent.size, &mut window);
        while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
            if batch.header.last_offset() >= offset {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// Where a walk that looks for `offset` may begin.
    fn position_at_or_before(&self, offset: Offset, extent: Extent) -> Result<u64> {
        let Ok(target) = u32::try_from(offset - self.base_offset) else {
            return Ok(0);
        };
        let span = u64::try_from(extent.next_offset - self.base_offset).unwrap_or(0);
        let guess = |count| guess_slot(count, u64::from(target), span);
        let entry = self.floor(guess, |entry| entry.offset <= target)?;
        Ok(entry.map_or(0, |entry| u64::from(entry.position)))
    }

    /// Where the last indexed batch begins that begins at or before `position` and ends before
    /// `offset`. Whole batches that end before `offset` are between the start and there.
    pub(crate) fn indexed_border(
        &self,
        position: u64,
        offset: Offset,
        extent: Extent,
    ) -> Result<u64> {
        let offset = u32::try_from(offset - self.base_offset).unwrap_or(u32::MAX);
        let guess = |count| guess_slot(count, position, extent.size);
        let entry = self.floor(guess, |entry| {
            u64::from(entry.position) <= position && entry.offset < offset
        })?;
        Ok(entry.map_or(0, |entry| u64::from(entry.position)))
    }

    fn floor(
        &self,
        guess: impl Fn(u32) -> u32,
        matches: impl Fn(&OffsetEntry) -> bool,
    ) -> Result<Option<OffsetEntry>> {
        self.load_indexes()?;
        let written = {
            let state = self.state.lock();
            let indexes = state.indexes.as_ref().expect("they were loaded");
            if let Some(entry) = indexes.offsets.floor_in_tail(&matches) {
                return Ok(Some(entry));
            }
            indexes.offsets.written()
        };
        if written == 0 {
            return Ok(None);
        }
        let found = floor_in_file(
            &**self.offset_index_file()?,
            written,
            guess(written),
            matches,
        );
        let found = found.context(
            "read",
            &self.dir.file(self.base_offset, FileKind::OffsetIndex),
        )?;
        Ok(found.map(|(_, entry)| entry))
    }

    /// The largest timestamp so far, and the last offset of the first batch that has it.
    pub(crate) fn max_timestamp(&self) -> Result<TimestampOffset> {
        self.load_indexes()?;
        let state = self.state.lock();
        Ok(state
            .indexes
            .as_ref()
            .expect("they were loaded")
            .max_timestamp)
    }

    /// Where a walk may begin that looks for the first batch with a timestamp of at least `timestamp`.
    pub(crate) fn position_before_time(&self, timestamp: Timestamp, extent: Extent) -> Result<u64> {
        self.load_indexes()?;
        let matches = |entry: &TimeEntry| entry.timestamp < timestamp;
        let (in_tail, written) = {
            let state = self.state.lock();
            let times = &state.indexes.as_ref().expect("they were loaded").times;
            (times.floor_in_tail(matches), times.written())
        };
        let entry = match in_tail {
            None if written > 0 => {
                let path = self.dir.file(self.base_offset, FileKind::TimeIndex);
                let file = self.dir.open(self.base_offset, FileKind::TimeIndex)?;
                let found = floor_in_file(&*file, written, written / 2, matches);
                found.context("read", &path)?.map(|(_, entry)| entry)
            }
            found => found,
        };
        let Some(entry) = entry else { return Ok(0) };
        self.position_at_or_before(self.base_offset + Offset::from(entry.offset), extent)
    }

    /// Adds the aborted transactions that have a record in `range` to `found`. Returns whether later
    /// segments cannot have any more.
    pub(crate) fn collect_aborted(
        &self,
        range: (Offset, Offset),
        found: &mut Vec<AbortedTxn>,
    ) -> Result<bool> {
        let count = self.aborted_count()?;
        if count == 0 {
            return Ok(false);
        }
        let file = self.dir.open(self.base_offset, FileKind::TxnIndex)?;
        let collected = collect_aborted(&*file, count, range, found);
        collected.context("read", &self.dir.file(self.base_offset, FileKind::TxnIndex))
    }

    fn aborted_count(&self) -> Result<u32> {
        if let Some(count) = self.state.lock().aborted {
            return Ok(count);
        }
        let count = match self
            .dir
            .open_if_there(self.base_offset, FileKind::TxnIndex)?
        {
            None => 0,
            Some(file) => {
                let path = self.dir.file(self.base_offset, FileKind::TxnIndex);
                let bytes = file.len().context("read", &path)?;
                u32::try_from(bytes / AbortedTxn::SIZE as u64).unwrap_or(u32::MAX)
            }
        };
        Ok(*self.state.lock().aborted.get_or_insert(count))
    }

    /// The largest timestamp of the first batch.
    pub(crate) fn first_timestamp(&self) -> Result<Option<Timestamp>> {
        let extent = self.extent();
        if extent.size == 0 {
            return Ok(None);
        }
        let file = self.dir.open(self.base_offset, FileKind::Log)?;
        let mut window = [0; SHORT_WALK_BYTES];
        let first = Scanner::new(&*file, 0, extent.size, &mut window).next();
        let first = first.map_err(|error| self.scan_error(error))?;
        Ok(first.map(|batch| batch.header.max_timestamp))
    }

    /// Loads the indexes of a segment that goes on being written, and walks from the last entry to the
    /// end of the file to learn the rest. Keeps no file open: most logs are idle.
    pub(crate) fn find_end(&self) -> Result<()> {
        let mut extent = self.extent();
        let base_offset = self.base_offset;
        let mut indexes = self.read_indexes()?;
        extent.next_offset = base_offset;
        if extent.size > 0 {
            let file = self.dir.open(base_offset, FileKind::Log)?;
            let last = indexes.offsets.last();
            let start = last.map_or(0, |entry| u64::from(entry.position));
            let mut window = [0; SHORT_WALK_BYTES];
            let mut scanner = Scanner::new(&*file, start, extent.size, &mut window);
            while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
                indexes.count(&batch);
                extent.next_offset = batch.header.next_offset();
            }
        }
        let mut state = self.state.lock();
        state.extent = extent;
        state.indexes = Some(indexes);
        Ok(())
    }

    /// Cuts off the batches that end at or behind `offset`. If one begins before it, the segment ends
    /// where that one began.
    pub(crate) fn truncate_to(&self, offset: Offset) -> Result<()> {
        let extent = self.extent();
        let cut = self.locate(offset, extent)?;
        let size = cut.map_or(extent.size, |batch| batch.position);
        let next_offset = cut.map_or(offset, |batch| offset.min(batch.header.base_offset));
        self.spill_indexes()?;
        self.state.lock().extent = Extent { size, next_offset };
        self.unwrite()?;
        let span = relative(next_offset, self.base_offset);
        self.cut_index(FileKind::OffsetIndex, |entry: &OffsetEntry| {
            u64::from(entry.position) < size
        })?;
        self.cut_index(FileKind::TimeIndex, |entry: &TimeEntry| entry.offset < span)?;
        self.cut_index(FileKind::TxnIndex, |txn: &AbortedTxn| {
            txn.last_offset < next_offset
        })?;
        self.state.lock().aborted = None;
        self.find_end()?;
        let extent = &mut self.state.lock().extent;
        extent.next_offset = extent.next_offset.max(next_offset);
        Ok(())
    }

    /// Keeps the entries of an index file that match.
    fn cut_index<E: Entry>(&self, kind: FileKind, matches: impl Fn(&E) -> bool) -> Result<()> {
        let Some(file) = self.dir.open_if_there(self.base_offset, kind)? else {
            return Ok(());
        };
        let cut = || {
            let count = u32::try_from(file.len()? / E::SIZE as u64).unwrap_or(u32::MAX);
            let last = floor_in_file(&*file, count, count, matches)?;
            let kept = last.map_or(0, |(slot, _)| u64::from(slot) + 1);
            file.set_len(kept * E::SIZE as u64)
        };
        cut().context("cut", &self.dir.file(self.base_offset, kind))
    }

    /// Loads the indexes of a segment that was found on disk and is not written any more.
    fn load_indexes(&self) -> Result<()> {
        if self.state.lock().indexes.is_some() {
            return Ok(());
        }
        let loaded = self.read_indexes()?;
        self.state.lock().indexes.get_or_insert(loaded);
        Ok(())
    }

    fn read_indexes(&self) -> Result<Indexes> {
        let (base, dir) = (self.base_offset, &self.dir);
        let mut indexes = Indexes::empty(base);
        // A segment too short for an entry has no index.
        if let Some(file) = dir.open_if_there(base, FileKind::OffsetIndex)? {
            let loaded = SparseIndex::load(&*file);
            indexes.offsets = loaded.context("read", &dir.file(base, FileKind::OffsetIndex))?;
        }
        if let Some(file) = dir.open_if_there(base, FileKind::TimeIndex)? {
            let loaded = SparseIndex::load(&*file);
            indexes.times = loaded.context("read", &dir.file(base, FileKind::TimeIndex))?;
        }
        if let Some(entry) = indexes.times.last() {
            let offset = self.base_offset + Offset::from(entry.offset);
            indexes.max_timestamp = TimestampOffset {
                timestamp: entry.timestamp,
                offset,
            };
        }
        Ok(indexes)
    }
}
