//! Finding things in a segment with the help of its indexes: a batch by offset or time, a border
//! between batches, aborted transactions. An index that leads astray costs time, never correctness.

use std::sync::Arc;

use millrace_types::{Offset, Timestamp};

use crate::disk::DiskFile;
use crate::error::{IoContext, LogError, Result};
use crate::files::FileKind;
use crate::index::{
    AbortedTxn, OffsetEntry, TimeEntry, collect_aborted, floor_in_file, guess_slot,
};
use crate::scan::{Located, SHORT_WALK_BYTES, Scanner};
use crate::segment::{Extent, Segment, TimestampOffset};

impl Segment {
    /// The first batch that ends at or behind `offset`, if the segment has one.
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
        let Ok(target) = u32::try_from(offset - self.base_offset()) else {
            return Ok(0);
        };
        let span = u64::try_from(extent.next_offset - self.base_offset()).unwrap_or(0);
        let guess = |count| guess_slot(count, u64::from(target), span);
        self.floor_position(guess, |entry| entry.offset <= target)
    }

    /// Where the last indexed batch begins that begins at or before `position` and ends before
    /// `offset`. Between the start of the segment and there are whole batches, all before `offset`.
    pub(crate) fn indexed_border(
        &self,
        position: u64,
        offset: Offset,
        extent: Extent,
    ) -> Result<u64> {
        let offset = u32::try_from(offset - self.base_offset()).unwrap_or(u32::MAX);
        let guess = |count| guess_slot(count, position, extent.size);
        self.floor_position(guess, |entry| {
            u64::from(entry.position) <= position && entry.offset < offset
        })
    }

    /// The position of the last entry that matches, or the start of the segment.
    fn floor_position(
        &self,
        guess: impl Fn(u32) -> u32,
        matches: impl Fn(&OffsetEntry) -> bool,
    ) -> Result<u64> {
        let (in_tail, written) = {
            let indexes = self.indexes()?;
            (
                indexes.offsets.floor_in_tail(&matches),
                indexes.offsets.written(),
            )
        };
        let entry = match in_tail {
            None if written > 0 => {
                let file = self.offset_index_file()?;
                let found = floor_in_file(&**file, written, guess(written), matches);
                let found = found.context_at("read", || self.path(FileKind::OffsetIndex))?;
                found.map(|(_, entry)| entry)
            }
            in_tail => in_tail,
        };
        Ok(entry.map_or(0, |entry| u64::from(entry.position)))
    }

    /// The largest timestamp so far, and the last offset of the first batch that has it.
    pub(crate) fn max_timestamp(&self) -> Result<TimestampOffset> {
        Ok(self.indexes()?.max_timestamp)
    }

    /// The largest timestamp of the first batch. Keeps no file open: most logs are idle.
    pub(crate) fn first_timestamp(&self) -> Result<Option<Timestamp>> {
        let extent = self.extent();
        if extent.size == 0 {
            return Ok(None);
        }
        let file = self.idle_log_file()?;
        let mut window = [0; SHORT_WALK_BYTES];
        let first = Scanner::new(&*file, 0, extent.size, &mut window).next();
        let first = first.map_err(|error| self.scan_error(error))?;
        Ok(first.map(|batch| batch.header.max_timestamp))
    }

    /// The log file, for one look.
    pub(crate) fn idle_log_file(&self) -> Result<Arc<dyn DiskFile>> {
        match self.open_file(FileKind::Log)? {
            Some(file) => Ok(file),
            // So that the error names the file.
            None => self.log_file().cloned(),
        }
    }

    /// The first batch with a timestamp of at least `timestamp` and an offset of at least `start`.
    pub(crate) fn locate_time(
        &self,
        timestamp: Timestamp,
        start: Offset,
        extent: Extent,
    ) -> Result<Option<Located>> {
        let position = self.position_before_time(timestamp, extent)?;
        let mut window = [0; SHORT_WALK_BYTES];
        let mut scanner = Scanner::new(&**self.log_file()?, position, extent.size, &mut window);
        while let Some(batch) = scanner.next().map_err(|error| self.scan_error(error))? {
            if batch.header.max_timestamp >= timestamp && batch.header.last_offset() >= start {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn position_before_time(&self, timestamp: Timestamp, extent: Extent) -> Result<u64> {
        let matches = |entry: &TimeEntry| entry.timestamp < timestamp;
        let (in_tail, written) = {
            let indexes = self.indexes()?;
            (
                indexes.times.floor_in_tail(matches),
                indexes.times.written(),
            )
        };
        let entry = match (in_tail, self.open_file(FileKind::TimeIndex)?) {
            (None, Some(file)) => {
                let found = floor_in_file(&*file, written, written / 2, matches);
                let found = found.context_at("read", || self.path(FileKind::TimeIndex))?;
                found.map(|(_, entry)| entry)
            }
            (in_tail, _) => in_tail,
        };
        let Some(entry) = entry else { return Ok(0) };
        self.position_at_or_before(self.base_offset() + Offset::from(entry.offset), extent)
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
        let Some(file) = self.open_file(FileKind::TxnIndex)? else {
            return Ok(false);
        };
        let collected = collect_aborted(&*file, count, range, found);
        collected.context_at("read", || self.path(FileKind::TxnIndex))
    }
}
