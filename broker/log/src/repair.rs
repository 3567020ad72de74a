//! Bringing what is known of a segment in line with its file: at a clean start, and after its end was
//! cut off.

use millrace_types::Offset;

use crate::disk::DiskFile;
use crate::error::{IoContext, LogError, Result};
use crate::files::FileKind;
use crate::index::{AbortedTxn, Entry, OffsetEntry, TimeEntry, floor_in_file};
use crate::scan::{Located, SHORT_WALK_BYTES, Scanner};
use crate::segment::{Extent, Segment, relative};

impl Segment {
    /// Loads the indexes of a segment that goes on being written, and walks from the last entry to the
    /// end of the file to learn the rest. Keeps no file open: most logs are idle.
    pub(crate) fn find_end(&self) -> Result<()> {
        let Extent { size, .. } = self.extent();
        let mut indexes = self.read_indexes()?;
        let last = indexes.offsets.last();
        let mut next_offset = self.base_offset();
        if size > 0 || last.is_some() {
            let file = self.idle_log_file()?;
            next_offset = self.walk_from(&*file, last, |batch| indexes.count(batch))?;
        }
        self.set_indexes(Some(indexes));
        self.set_extent(Extent { size, next_offset });
        Ok(())
    }

    /// Where the last batch ends. For a segment found on disk, the extent says where the next segment
    /// begins.
    pub(crate) fn end_of_batches(&self) -> Result<Offset> {
        let last = self.indexes()?.offsets.last();
        self.walk_from(&**self.log_file()?, last, |_| {})
    }

    /// Walks from the batch of an index entry to the end, and returns where the last batch ends.
    fn walk_from(
        &self,
        file: &dyn DiskFile,
        entry: Option<OffsetEntry>,
        mut visit: impl FnMut(&Located),
    ) -> Result<Offset> {
        let start = entry.map_or(0, |entry| u64::from(entry.position));
        let indexed = entry.map(|entry| self.base_offset() + Offset::from(entry.offset));
        let mut window = [0; SHORT_WALK_BYTES];
        let mut scanner = Scanner::new(file, start, self.extent().size, &mut window);
        let mut end = None;
        while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
            if end.is_none() && indexed.is_some_and(|offset| batch.header.base_offset > offset) {
                break;
            }
            visit(&batch);
            end = Some(batch.header.next_offset());
        }
        match (end, indexed) {
            (Some(end), indexed) if indexed.is_none_or(|offset| offset < end) => Ok(end),
            (None, None) => Ok(self.base_offset()),
            _ => Err(LogError::Corrupt {
                path: self.path(FileKind::OffsetIndex),
                position: start,
                reason: "the last entry points at another batch",
            }),
        }
    }

    /// Cuts off the batches that end at or behind `offset`. If one begins before it, the segment ends
    /// where that one began.
    pub(crate) fn truncate_to(&self, offset: Offset) -> Result<()> {
        // It is being written again from here on.
        self.mark_synced(false);
        let extent = self.extent();
        let cut = self.locate(offset, extent)?;
        let size = cut.map_or(extent.size, |batch| batch.position);
        let next_offset = cut.map_or(offset, |batch| offset.min(batch.header.base_offset));
        self.spill_indexes()?;
        self.set_extent(Extent { size, next_offset });
        self.unwrite()?;
        // What the leader does not have must not come back after a power loss.
        self.sync_log()?;
        let end = relative(next_offset, self.base_offset());
        self.cut_index(FileKind::OffsetIndex, |entry: &OffsetEntry| {
            u64::from(entry.position) < size
        })?;
        self.cut_index(FileKind::TimeIndex, |entry: &TimeEntry| entry.offset < end)?;
        self.cut_index(FileKind::TxnIndex, |txn: &AbortedTxn| {
            txn.last_offset < next_offset
        })?;
        self.forget_aborted_count();
        self.find_end()?;
        // Compaction may have left a gap behind the last batch.
        self.set_extent(Extent { size, next_offset });
        Ok(())
    }

    /// Keeps the entries of an index file that match.
    fn cut_index<E: Entry>(&self, kind: FileKind, matches: impl Fn(&E) -> bool) -> Result<()> {
        let Some(file) = self.open_file(kind)? else {
            return Ok(());
        };
        let cut = || {
            let count = u32::try_from(file.len()? / E::SIZE as u64).unwrap_or(u32::MAX);
            let last = floor_in_file(&*file, count, count, matches)?;
            let kept = last.map_or(0, |(slot, _)| u64::from(slot) + 1);
            file.set_len(kept * E::SIZE as u64)
        };
        cut().context_at("cut", || self.path(kind))
    }
}
