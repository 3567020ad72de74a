//! Bringing what is known of a segment in line with its file: at a clean start, and after its end was
//! cut off.

use millrace_types::Offset;

use crate::error::{IoContext, Result};
use crate::files::FileKind;
use crate::index::{AbortedTxn, Entry, OffsetEntry, TimeEntry, floor_in_file};
use crate::scan::{SHORT_WALK_BYTES, Scanner};
use crate::segment::{Extent, Segment, relative};

impl Segment {
    /// Loads the indexes of a segment that goes on being written, and walks from the last entry to the
    /// end of the file to learn the rest. Keeps no file open: most logs are idle.
    pub(crate) fn find_end(&self) -> Result<()> {
        let Extent { size, .. } = self.extent();
        let mut next_offset = self.base_offset();
        let mut indexes = self.read_indexes()?;
        if size > 0 {
            let file = self.idle_log_file()?;
            let start = indexes
                .offsets
                .last()
                .map_or(0, |entry| u64::from(entry.position));
            let mut window = [0; SHORT_WALK_BYTES];
            let mut scanner = Scanner::new(&*file, start, size, &mut window);
            while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
                indexes.count(&batch);
                next_offset = batch.header.next_offset();
            }
        }
        self.set_indexes(Some(indexes));
        self.set_extent(Extent { size, next_offset });
        Ok(())
    }

    /// Where the last batch ends. For a segment found on disk, the extent says where the next segment
    /// begins.
    pub(crate) fn end_of_batches(&self) -> Result<Offset> {
        let Extent { size, .. } = self.extent();
        let mut end = self.base_offset();
        let start = self
            .indexes()?
            .offsets
            .last()
            .map_or(0, |entry| u64::from(entry.position));
        let mut window = [0; SHORT_WALK_BYTES];
        let mut scanner = Scanner::new(&**self.log_file()?, start, size, &mut window);
        while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
            end = batch.header.next_offset();
        }
        Ok(end)
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
