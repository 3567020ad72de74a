//! What a segment knows of its batches besides their bytes: offset index, time index, and the largest
//! timestamp. No I/O.

use millrace_types::{NO_TIMESTAMP, Offset, Timestamp};

use crate::index::{Entry, OffsetEntry, SparseIndex, TimeEntry};
use crate::scan::Located;

/// A timestamp and an offset that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    pub timestamp: Timestamp,
    pub offset: Offset,
}

#[derive(Debug)]
pub(crate) struct Indexes {
    base_offset: Offset,
    pub(crate) offsets: SparseIndex<OffsetEntry>,
    pub(crate) times: SparseIndex<TimeEntry>,
    bytes_since_entry: u64,
    /// The largest timestamp, and the last offset of the first batch that has it.
    pub(crate) max_timestamp: TimestampOffset,
}

impl Indexes {
    pub(crate) fn empty(base_offset: Offset) -> Self {
        Self::loaded(base_offset, SparseIndex::empty(), SparseIndex::empty())
    }

    /// As they are in the files. What was appended behind the last entries is not counted.
    pub(crate) fn loaded(
        base_offset: Offset,
        offsets: SparseIndex<OffsetEntry>,
        times: SparseIndex<TimeEntry>,
    ) -> Self {
        let last = times.last();
        let max_timestamp = TimestampOffset {
            timestamp: last.map_or(NO_TIMESTAMP, |entry| entry.timestamp),
            offset: base_offset + last.map_or(0, |entry| Offset::from(entry.offset)),
        };
        Self {
            base_offset,
            offsets,
            times,
            bytes_since_entry: 0,
            max_timestamp,
        }
    }

    /// Takes a batch into account that is behind the last entry, or is the one it points at.
    pub(crate) fn count(&mut self, batch: &Located) {
        let (timestamp, offset) = (batch.header.max_timestamp, batch.header.last_offset());
        if timestamp > self.max_timestamp.timestamp {
            self.max_timestamp = TimestampOffset { timestamp, offset };
        }
        self.bytes_since_entry += batch.header.size_in_bytes() as u64;
    }

    /// Takes a new batch into account, with an entry if more than `interval` bytes have none.
    pub(crate) fn add(&mut self, batch: &Located, interval: u32) {
        let is_due = self.bytes_since_entry > u64::from(interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.count(batch);
        if is_due {
            let offset = relative(batch.header.last_offset(), self.base_offset);
            let position = u32::try_from(batch.position).expect("a segment is smaller than 2 GiB");
            self.offsets.push(OffsetEntry { offset, position });
            self.note_max_timestamp();
        }
    }

    /// Puts the largest timestamp into the time index unless it is there.
    pub(crate) fn note_max_timestamp(&mut self) {
        let TimestampOffset { timestamp, offset } = self.max_timestamp;
        if timestamp
            > self
                .times
                .last()
                .map_or(NO_TIMESTAMP, |entry| entry.timestamp)
        {
            let offset = relative(offset, self.base_offset);
            self.times.push(TimeEntry { timestamp, offset });
        }
    }

    /// Whether another batch would make an index larger than `limit`. One time index entry is kept in
    /// reserve for the end of the segment.
    pub(crate) fn are_full(&self, limit: u64) -> bool {
        let times = self.times.bytes_with_next() + TimeEntry::SIZE as u64;
        self.offsets.bytes_with_next() > limit || times > limit
    }
}

/// An offset of a segment as its indexes write it.
pub(crate) fn relative(offset: Offset, base_offset: Offset) -> u32 {
    u32::try_from(offset - base_offset).expect("a segment spans fewer than 2^31 offsets")
}
