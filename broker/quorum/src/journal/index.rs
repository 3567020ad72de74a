//! Where the live entries are: a slot for each, and the newest ones themselves. Pure.

use std::collections::VecDeque;
use std::ops::Range;

use crate::journal::record::{Entry, Record};
use crate::journal::state::{OutOfOrder, State};
use crate::position::LogPosition;

/// How many bytes of the newest batches stay in memory. Applying and replication read what was
/// just appended; only a node that fell behind or started again reads files. 4 MiB hold thousands
/// of ordinary batches.
const CACHE_BYTES: usize = 4 << 20;

/// How many of the newest entries stay in memory, however small they are.
const CACHE_ENTRIES: usize = 4096;

/// Where an entry's frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub file: u64,
    pub offset: u64,
    pub len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    term: u64,
    /// `None` until the entry is written.
    at: Option<Location>,
}

/// The journal as it will be once everything submitted is written.
#[derive(Debug, Default)]
pub(super) struct Index {
    state: State,
    /// The index of the first slot.
    first: u64,
    /// The entries up to the last one, without holes.
    slots: VecDeque<Slot>,
    /// The newest entries, up to the last one.
    cache: VecDeque<Entry>,
    cache_bytes: usize,
}

/// Entries asked for: the older ones to be read from files, the newer ones at hand.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub on_disk: Vec<Location>,
    pub cached: Vec<Entry>,
}

impl Index {
    /// An index that begins where the oldest segment does.
    #[must_use]
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            ..Self::default()
        }
    }

    #[must_use]
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Takes a record into account, at the place where it was read or `None` if it is new.
    pub(super) fn step(&mut self, record: &Record, at: Option<Location>) -> Result<(), OutOfOrder> {
        self.state.step(record)?;
        match record {
            Record::Entry(entry) => self.push(entry, at),
            Record::Truncated(_) => self.drop_newest(),
            Record::Purged(_) => self.drop_oldest(),
            Record::Head(_) | Record::Vote(_) | Record::Committed(_) => {}
        }
        Ok(())
    }

    /// Notes where an entry was written, unless it is gone by now.
    pub(super) fn written(&mut self, position: LogPosition, at: Location) {
        if let Some(slot) = position
            .index
            .checked_sub(self.first)
            .and_then(|nth| usize::try_from(nth).ok())
            .and_then(|nth| self.slots.get_mut(nth))
            .filter(|slot| slot.term == position.term)
        {
            slot.at = Some(at);
        }
        self.shrink_cache();
    }

    /// The live entries in `range`.
    #[must_use]
    pub(super) fn find(&self, range: Range<u64>) -> Found {
        let next = self.state.next_index();
        let first_cached = next - self.cache.len() as u64;
        let end = range.end.min(next);
        let start = range.start.max(next - self.slots.len() as u64).min(end);
        let boundary = first_cached.clamp(start, end);
        Found {
            on_disk: window(&self.slots, self.first, start..boundary)
                .map(|slot| slot.at.expect("only written entries leave the cache"))
                .collect(),
            cached: window(&self.cache, first_cached, boundary..end)
                .cloned()
                .collect(),
        }
    }

    /// Whether every entry that the state calls for is here.
    #[must_use]
    pub(super) fn is_complete(&self) -> bool {
        self.state.next_index() - self.slots.len() as u64 == self.state.first_index()
    }

    /// The oldest file that holds a live entry; `None` if no live entry is in any file yet.
    #[must_use]
    pub(super) fn oldest_file(&self) -> Option<u64> {
        self.slots.front()?.at.map(|at| at.file)
    }

    fn push(&mut self, entry: &Entry, at: Option<Location>) {
        let LogPosition { term, index } = entry.position;
        if self.slots.is_empty() {
            self.first = index;
        }
        self.slots.push_back(Slot { term, at });
        self.cache_bytes += entry.payload.weight();
        self.cache.push_back(entry.clone());
        self.shrink_cache();
    }

    fn drop_newest(&mut self) {
        let next = self.state.next_index();
        let keep = usize::try_from(next.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.slots.truncate(keep);
        while let Some(entry) = self.cache.pop_back_if(|entry| entry.position.index >= next) {
            self.cache_bytes -= entry.payload.weight();
        }
    }

    fn drop_oldest(&mut self) {
        let first = self.state.first_index();
        while self.first < first && self.slots.pop_front().is_some() {
            self.first += 1;
        }
        while let Some(entry) = self
            .cache
            .pop_front_if(|entry| entry.position.index < first)
        {
            self.cache_bytes -= entry.payload.weight();
        }
    }

    /// Forgets the oldest entries in memory that can be read from a file instead.
    fn shrink_cache(&mut self) {
        while self.cache_bytes > CACHE_BYTES || self.cache.len() > CACHE_ENTRIES {
            let oldest = self.slots.len() - self.cache.len();
            if self.slots[oldest].at.is_none() {
                return;
            }
            let entry = self.cache.pop_front().expect("the cache is over its limit");
            self.cache_bytes -= entry.payload.weight();
        }
    }
}

/// The items whose index is in `range`, where `first` is the index of the first item.
fn window<T>(items: &VecDeque<T>, first: u64, range: Range<u64>) -> impl Iterator<Item = &T> {
    let nth = |index: u64| {
        usize::try_from(index.saturating_sub(first)).map_or(items.len(), |nth| nth.min(items.len()))
    };
    items.range(nth(range.start)..nth(range.end))
}
