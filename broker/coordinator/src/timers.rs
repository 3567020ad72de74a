//! Alarms by name, driven by the steady time of whoever asks. Holds no clock.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use millrace_types::SteadyMs;

/// A deadline, and the order in which equal deadlines were set.
type Slot = (SteadyMs, u64);

/// Each key has at most one deadline; equal deadlines go off in the order they were set.
#[derive(Debug)]
pub struct Timers<K> {
    slots: HashMap<K, Slot>,
    queue: BTreeMap<Slot, K>,
    set: u64,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            queue: BTreeMap::new(),
            set: 0,
        }
    }
}

impl<K: Clone + Eq + Hash> Timers<K> {
    /// Sets the key's deadline, in place of any it had.
    pub fn schedule(&mut self, key: K, deadline: SteadyMs) {
        self.cancel(&key);
        let slot = (deadline, self.set);
        self.set += 1;
        self.queue.insert(slot, key.clone());
        self.slots.insert(key, slot);
    }

    pub fn cancel(&mut self, key: &K) {
        if let Some(slot) = self.slots.remove(key) {
            self.queue.remove(&slot);
        }
    }

    #[must_use]
    pub fn next_deadline(&self) -> Option<SteadyMs> {
        self.queue.keys().next().map(|&(deadline, _)| deadline)
    }

    /// Takes one key whose deadline has come, the earliest first.
    pub fn pop_due(&mut self, now: SteadyMs) -> Option<K> {
        if self.next_deadline()? > now {
            return None;
        }
        let (_, key) = self.queue.pop_first()?;
        self.slots.remove(&key);
        Some(key)
    }

    pub fn clear(&mut self) {
        self.slots.clear();
        self.queue.clear();
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_go_off_in_order_of_deadline_then_of_setting() {
        let mut timers = Timers::default();
        timers.schedule("late", 30);
        timers.schedule("first", 10);
        timers.schedule("second", 10);
        assert_eq!(timers.next_deadline(), Some(10));
        assert_eq!(timers.pop_due(9), None);
        assert_eq!(timers.pop_due(10), Some("first"));
        assert_eq!(timers.pop_due(10), Some("second"));
        assert_eq!(timers.pop_due(10), None);
        assert_eq!(timers.pop_due(99), Some("late"));
        assert!(timers.is_empty());
    }

    #[test]
    fn setting_again_moves_and_cancelling_removes() {
        let mut timers = Timers::default();
        timers.schedule("a", 10);
        timers.schedule("a", 20);
        timers.schedule("b", 15);
        assert_eq!(timers.len(), 2);
        timers.cancel(&"b");
        timers.cancel(&"never set");
        assert_eq!(timers.pop_due(19), None);
        assert_eq!(timers.pop_due(20), Some("a"));
    }
}
