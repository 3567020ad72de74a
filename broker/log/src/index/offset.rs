//! `.index`: where a batch begins, by its last offset.

use crate::index::entry::Entry;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetEntry {
    /// Of the batch's last record, counted from the segment's base offset.
    pub(crate) offset: u32,
    /// Of the batch's first byte.
    pub(crate) position: u32,
}

impl Entry for OffsetEntry {
    const SIZE: usize = 8;

    fn encode(self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_be_bytes());
        out.extend(self.position.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        let (offset, position) = bytes.split_at(4);
        Self {
            offset: u32::from_be_bytes(offset.try_into().expect("the first half of eight bytes")),
            position: u32::from_be_bytes(position.try_into().expect("the other half")),
        }
    }
}
