//! What readers of committed data must not see yet: transactions that have no marker, and those whose
//! marker is not replicated. Shared by the writer, who adds, and the readers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use millrace_types::Offset;
use parking_lot::Mutex;

#[derive(Debug)]
pub(crate) struct OpenTransactions {
    /// Where the oldest transaction without a marker begins.
    first_undecided: AtomicI64,
    /// Whether `unreplicated` has anything, so that most readers need no lock.
    any_unreplicated: AtomicBool,
    /// Transactions with a marker: first offset to offset of the marker.
    unreplicated: Mutex<BTreeMap<Offset, Offset>>,
}

impl Default for OpenTransactions {
    fn default() -> Self {
        Self {
            first_undecided: AtomicI64::new(Offset::MAX),
            any_unreplicated: AtomicBool::new(false),
            unreplicated: Mutex::default(),
        }
    }
}

impl OpenTransactions {
    /// `completed` are transactions that have their marker now: first offset, offset of the marker.
    /// `first_undecided` is where the oldest one without a marker begins.
    pub(crate) fn update(
        &self,
        completed: impl Iterator<Item = (Offset, Offset)>,
        first_undecided: Option<Offset>,
    ) {
        let mut completed = completed.peekable();
        if completed.peek().is_some() {
            self.unreplicated.lock().extend(completed);
            self.any_unreplicated.store(true, Ordering::Release);
        }
        let first = first_undecided.unwrap_or(Offset::MAX);
        self.first_undecided.store(first, Ordering::Release);
    }

    /// Starts over, as after a truncation.
    pub(crate) fn reset(&self, first_undecided: Option<Offset>) {
        self.unreplicated.lock().clear();
        self.any_unreplicated.store(false, Ordering::Release);
        self.update(std::iter::empty(), first_undecided);
    }

    pub(crate) fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        let undecided = self
            .first_undecided
            .load(Ordering::Acquire)
            .min(high_watermark);
        if !self.any_unreplicated.load(Ordering::Acquire) {
            return undecided;
        }
        let mut unreplicated = self.unreplicated.lock();
        unreplicated.retain(|_, &mut marker| marker >= high_watermark);
        self.any_unreplicated
            .store(!unreplicated.is_empty(), Ordering::Release);
        let first = unreplicated
            .first_key_value()
            .map_or(Offset::MAX, |(&first, _)| first);
        undecided.min(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_open_transaction_holds_readers_back() {
        let open = OpenTransactions::default();
        assert_eq!(open.last_stable_offset(100), 100);
        open.update(std::iter::empty(), Some(40));
        assert_eq!(open.last_stable_offset(30), 30);
        assert_eq!(open.last_stable_offset(100), 40);
        open.update([(40, 60)].into_iter(), Some(50));
        assert_eq!(
            open.last_stable_offset(60),
            40,
            "the marker is not replicated"
        );
        assert_eq!(open.last_stable_offset(61), 50);
        open.update(std::iter::empty(), None);
        assert_eq!(open.last_stable_offset(100), 100);
        open.update([(40, 60)].into_iter(), Some(50));
        open.reset(None);
        assert_eq!(open.last_stable_offset(50), 50);
    }
}
