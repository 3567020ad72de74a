//! `.timeindex`: the largest timestamp so far, and the batch that has it.

use millrace_types::Timestamp;

use crate::index::entry::Entry;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    pub(crate) timestamp: Timestamp,
    /// Of the last record of the batch with that timestamp, counted from the segment's base offset.
    pub(crate) offset: u32,
}

impl Entry for TimeEntry {
    const SIZE: usize = 12;

    fn encode(self, out: &mut Vec<u8>) {
        out.extend(self.timestamp.to_be_bytes());
        out.extend(self.offset.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        let (timestamp, offset) = bytes.split_at(8);
        Self {
            timestamp: i64::from_be_bytes(timestamp.try_into().expect("eight of twelve bytes")),
            offset: u32::from_be_bytes(offset.try_into().expect("the other four")),
        }
    }
}
