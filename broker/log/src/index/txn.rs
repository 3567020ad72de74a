//! `.txnindex`: the aborted transactions whose end is in the segment, ordered by that end.

use std::io::{self, IoSlice};

use millrace_types::{Offset, ProducerId};

use crate::disk::DiskFile;
use crate::index::entry::Entry;

const VERSION: i16 = 0;
/// Entries read at once.
const WINDOW_ENTRIES: u32 = 64;

/// A transaction whose records must not be shown to those who read committed data only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTxn {
    pub producer_id: ProducerId,
    pub first_offset: Offset,
    /// Of the abort marker.
    pub last_offset: Offset,
    /// As it was when the marker was written: nothing that begins earlier is in later entries.
    pub last_stable_offset: Offset,
}

impl Entry for AbortedTxn {
    const SIZE: usize = 34;

    fn encode(self, out: &mut Vec<u8>) {
        out.extend(VERSION.to_be_bytes());
        let fields = [
            self.producer_id,
            self.first_offset,
            self.last_offset,
            self.last_stable_offset,
        ];
        for field in fields {
            out.extend(field.to_be_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Self {
        let field = |index: usize| {
            let bytes = &bytes[2 + 8 * index..][..8];
            i64::from_be_bytes(bytes.try_into().expect("a field has eight bytes"))
        };
        Self {
            producer_id: field(0),
            first_offset: field(1),
            last_offset: field(2),
            last_stable_offset: field(3),
        }
    }
}

/// Writes entry number `slot`.
pub(crate) fn append_aborted(file: &dyn DiskFile, slot: u32, txn: AbortedTxn) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(AbortedTxn::SIZE);
    txn.encode(&mut bytes);
    let position = u64::from(slot) * AbortedTxn::SIZE as u64;
    file.write_all_at(&mut [IoSlice::new(&bytes)], position)
}

/// Adds the transactions that have a record in `from..to`, looking at the file's first `count`
/// entries, to `found`. Returns whether later segments cannot have any more.
pub(crate) fn collect_aborted(
    file: &dyn DiskFile,
    count: u32,
    (from, to): (Offset, Offset),
    found: &mut Vec<AbortedTxn>,
) -> io::Result<bool> {
    let mut buffer = [0; WINDOW_ENTRIES as usize * AbortedTxn::SIZE];
    let mut slot = 0;
    while slot < count {
        let entries = (count - slot).min(WINDOW_ENTRIES);
        let window = &mut buffer[..entries as usize * AbortedTxn::SIZE];
        file.read_exact_at(window, u64::from(slot) * AbortedTxn::SIZE as u64)?;
        for txn in window
            .chunks_exact(AbortedTxn::SIZE)
            .map(AbortedTxn::decode)
        {
            if txn.last_offset >= from && txn.first_offset < to {
                found.push(txn);
            }
            if txn.last_stable_offset >= to {
                return Ok(true);
            }
        }
        slot += entries;
    }
    Ok(false)
}
