//! An index as a whole: the newest entries in memory, the others in a file that is searched a window
//! at a time.

use std::io::{self, IoSlice};

use crate::disk::DiskFile;
use crate::index::entry::Entry;

/// Entries kept in memory before they are written: one small write per about 2 MiB of log.
pub(crate) const TAIL_ENTRIES: usize = 512;
/// Entries read at once while a file is searched.
const WINDOW_ENTRIES: u32 = 256;
const MAX_ENTRY_BYTES: usize = 12;

/// The in-memory half of one index file.
#[derive(Debug)]
pub(crate) struct SparseIndex<E> {
    /// Entries at the start of the file that are part of the index.
    written: u32,
    /// Entries that follow and are not in the file yet.
    tail: Vec<E>,
    last: Option<E>,
}

impl<E: Entry> SparseIndex<E> {
    pub(crate) const fn empty() -> Self {
        Self {
            written: 0,
            tail: Vec::new(),
            last: None,
        }
    }

    /// Takes over the entries that a file already has.
    pub(crate) fn load(file: &dyn DiskFile) -> io::Result<Self> {
        let written = u32::try_from(file.len()? / E::SIZE as u64).unwrap_or(u32::MAX);
        let last = match written.checked_sub(1) {
            Some(slot) => Some(read_entry(file, slot)?),
            None => None,
        };
        Ok(Self {
            written,
            tail: Vec::new(),
            last,
        })
    }

    pub(crate) fn push(&mut self, entry: E) {
        self.tail.push(entry);
        self.last = Some(entry);
    }

    pub(crate) fn last(&self) -> Option<E> {
        self.last
    }

    /// Entries in the file.
    pub(crate) fn written(&self) -> u32 {
        self.written
    }

    pub(crate) fn unwritten(&self) -> usize {
        self.tail.len()
    }

    /// The bytes that the index would have as a file, with one more entry.
    pub(crate) fn bytes_with_next(&self) -> u64 {
        (u64::from(self.written) + self.tail.len() as u64 + 1) * E::SIZE as u64
    }

    /// The last entry in memory that `matches`; entries match up to some point and not from there on.
    /// `None`: look in the file.
    pub(crate) fn floor_in_tail(&self, matches: impl Fn(&E) -> bool) -> Option<E> {
        let count = self.tail.partition_point(matches);
        Some(self.tail[count.checked_sub(1)?])
    }

    /// What has to be written to the file, and where; [`SparseIndex::mark_written`] afterwards.
    pub(crate) fn pending(&self) -> (Vec<u8>, u64) {
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        for entry in &self.tail {
            entry.encode(&mut bytes);
        }
        (bytes, u64::from(self.written) * E::SIZE as u64)
    }

    pub(crate) fn mark_written(&mut self, bytes: usize) {
        let count = bytes / E::SIZE;
        self.written += u32::try_from(count).expect("a tail has few entries");
        self.tail.drain(..count);
        if self.tail.is_empty() {
            self.tail = Vec::new();
        }
    }
}

/// Writes what [`SparseIndex::pending`] returned.
pub(crate) fn write_pending(file: &dyn DiskFile, bytes: &[u8], position: u64) -> io::Result<()> {
    file.write_all_at(&mut [IoSlice::new(bytes)], position)
}

fn read_entry<E: Entry>(file: &dyn DiskFile, slot: u32) -> io::Result<E> {
    let mut bytes = [0; MAX_ENTRY_BYTES];
    file.read_exact_at(&mut bytes[..E::SIZE], u64::from(slot) * E::SIZE as u64)?;
    Ok(E::decode(&bytes[..E::SIZE]))
}

/// The last of the first `count` entries of a file that `matches`; entries match up to some point and
/// not from there on. `guess` is the slot where that point is likely to be. Returns the slot, too.
pub(crate) fn floor_in_file<E: Entry>(
    file: &dyn DiskFile,
    count: u32,
    guess: u32,
    matches: impl Fn(&E) -> bool,
) -> io::Result<Option<(u32, E)>> {
    let (mut low, mut high) = (0, count);
    let mut middle = guess;
    let mut below = None;
    let mut buffer = [0; WINDOW_ENTRIES as usize * MAX_ENTRY_BYTES];
    while low < high {
        let first = middle
            .clamp(low, high - 1)
            .saturating_sub(WINDOW_ENTRIES / 2)
            .max(low);
        let entries = (high - first).min(WINDOW_ENTRIES);
        let window = &mut buffer[..entries as usize * E::SIZE];
        file.read_exact_at(window, u64::from(first) * E::SIZE as u64)?;
        let entry = |index: usize| E::decode(&window[index * E::SIZE..][..E::SIZE]);
        let (mut start, mut end) = (0, entries as usize);
        while start < end {
            let index = start.midpoint(end);
            if matches(&entry(index)) {
                start = index + 1;
            } else {
                end = index;
            }
        }
        if start == 0 {
            high = first;
        } else {
            let slot = first + u32::try_from(start).expect("a window has few entries") - 1;
            below = Some((slot, entry(start - 1)));
            if start < entries as usize {
                break;
            }
            low = first + entries;
        }
        middle = low.midpoint(high);
    }
    Ok(below)
}

/// The slot of `value` in an index of `count` entries that are spread evenly over `0..range`.
pub(crate) fn guess_slot(count: u32, value: u64, range: u64) -> u32 {
    let slot = u128::from(count) * u128::from(value) / u128::from(range.max(1));
    u32::try_from(slot).unwrap_or(u32::MAX).min(count)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::disk::{Disk, MemDisk};
    use crate::index::offset::OffsetEntry;
    use crate::index::time::TimeEntry;

    #[test]
    fn a_search_finds_the_floor_from_any_guess() {
        let file = MemDisk::new().create(Path::new("index")).unwrap();
        let mut index = SparseIndex::empty();
        let count: u32 = 5 * WINDOW_ENTRIES + 7;
        for slot in 0..count {
            index.push(OffsetEntry {
                offset: slot * 10 + 5,
                position: slot,
            });
        }
        let floor = |offset: u32| {
            offset
                .checked_sub(5)
                .map(|above| (above / 10).min(count - 1))
        };
        let offsets = [
            0,
            4,
            5,
            14,
            15,
            2559,
            2565,
            2566,
            6000,
            count * 10,
            u32::MAX,
        ];
        for offset in offsets {
            let found = index.floor_in_tail(|entry| entry.offset <= offset);
            assert_eq!(found.map(|entry| entry.position), floor(offset));
        }
        let (bytes, position) = index.pending();
        write_pending(&*file, &bytes, position).unwrap();
        index.mark_written(bytes.len());
        assert_eq!((index.written(), index.unwritten()), (count, 0));
        for offset in offsets {
            for guess in [0, 1, 300, 700, count - 1, count, u32::MAX] {
                let matches = |entry: &OffsetEntry| entry.offset <= offset;
                let found = floor_in_file(&*file, count, guess, matches).unwrap();
                let found = found.map(|(slot, entry)| {
                    assert_eq!(slot, entry.position);
                    slot
                });
                assert_eq!(found, floor(offset), "{offset} {guess}");
            }
        }
        let loaded = SparseIndex::<OffsetEntry>::load(&*file).unwrap();
        assert_eq!(loaded.written(), count);
        assert_eq!(loaded.last().map(|entry| entry.position), Some(count - 1));
    }

    #[test]
    fn an_empty_index_has_no_floor() {
        let file = MemDisk::new().create(Path::new("index")).unwrap();
        let found = floor_in_file::<OffsetEntry>(&*file, 0, 0, |_| true).unwrap();
        assert!(found.is_none());
        assert!(
            SparseIndex::<TimeEntry>::load(&*file)
                .unwrap()
                .last()
                .is_none()
        );
    }
}
