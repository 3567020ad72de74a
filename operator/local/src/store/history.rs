//! What changed, in order, as far as it is remembered: so many changes, so much of memory, so long.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::store::place::Place;

/// Changes that are remembered for watches; who is further behind lists anew.
const CHANGES_MOST: usize = 65_536;
/// What their objects may take, about.
const BYTES_MOST: usize = 32 << 20;
/// As etcd keeps them on a cluster. Whoever watches is told much more often how far they have come.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How exactly that is measured.
const MARKS_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// One change of one object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) place: Place,
    pub(crate) before: Option<Arc<Value>>,
    pub(crate) after: Option<Arc<Value>>,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    changes: VecDeque<Change>,
    /// What the objects after these changes take.
    bytes: usize,
    newest: u64,
    /// The newest revision whose change is forgotten.
    forgotten: u64,
    /// How far it was, and when.
    marks: VecDeque<(Timestamp, u64)>,
}

impl History {
    pub(crate) const fn newest(&self) -> u64 {
        self.newest
    }

    pub(crate) fn add(&mut self, change: Change) {
        self.newest = change.revision;
        self.bytes += weight(&change);
        self.changes.push_back(change);
        while self.changes.len() > CHANGES_MOST || self.bytes > BYTES_MOST {
            self.drop_oldest();
        }
    }

    /// Forgets what was long ago.
    pub(crate) fn grow_old(&mut self, now: Timestamp) {
        let is_past = |since: Timestamp, by: SignedDuration| now.duration_since(since) >= by;
        while let Some(&(_, revision)) = self
            .marks
            .front()
            .filter(|(at, _)| is_past(*at, REMEMBERED_FOR))
        {
            self.marks.pop_front();
            while self
                .changes
                .front()
                .is_some_and(|change| change.revision <= revision)
            {
                self.drop_oldest();
            }
        }
        if self
            .marks
            .back()
            .is_none_or(|(at, _)| is_past(*at, MARKS_EVERY))
        {
            self.marks.push_back((now, self.newest));
        }
    }

    pub(crate) fn after(
        &self,
        revision: u64,
    ) -> Result<impl DoubleEndedIterator<Item = &Change>, Refusal> {
        if revision < self.forgotten {
            return Err(Refusal::Expired {
                asked: revision,
                oldest: self.forgotten,
            });
        }
        let first = self
            .changes
            .partition_point(|change| change.revision <= revision);
        Ok(self.changes.range(first..))
    }

    /// Nothing is known of what was up to then.
    pub(crate) fn begin_after(&mut self, revision: u64) {
        self.newest = self.newest.max(revision);
        self.forgotten = self.newest;
    }

    pub(crate) fn forget(&mut self) {
        self.newest += 1;
        self.forgotten = self.newest;
        self.changes.clear();
        self.bytes = 0;
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.changes.pop_front() {
            self.forgotten = oldest.revision;
            self.bytes -= weight(&oldest);
        }
    }
}

/// What a change's object takes, about: it is what the next change of the object was before.
fn weight(change: &Change) -> usize {
    size_of::<Change>() + change.after.as_deref().map_or(0, heap)
}

/// What a value has on the heap, about.
fn heap(value: &Value) -> usize {
    /// A node of a map, however few of its places are taken, and how many are in the middle.
    const NODE: usize = 640;
    const NODE_HOLDS: usize = 8;
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items
            .iter()
            .map(|item| size_of::<Value>() + heap(item))
            .sum(),
        Value::Object(fields) => {
            let nodes = fields.len().div_ceil(NODE_HOLDS) * NODE;
            let inside = fields.iter().map(|(name, value)| name.len() + heap(value));
            nodes + inside.sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::Kind;

    fn change(revision: u64, bytes: usize) -> Change {
        let kind = Kind::named("ConfigMap").expect("served");
        Change {
            revision,
            place: Place::new(kind, "n", "a"),
            before: None,
            after: Some(Arc::new(json!("x".repeat(bytes)))),
        }
    }

    fn remembered(history: &History) -> usize {
        let all = history.after(history.forgotten);
        all.map(Iterator::count).unwrap_or_default()
    }

    #[test]
    fn large_objects_are_remembered_as_far_as_there_is_room() {
        let mut history = History::default();
        for revision in 1..=100 {
            history.add(change(revision, 1 << 20));
        }
        assert_eq!(remembered(&history), 31);
        assert!(history.after(68).is_err() && history.after(69).is_ok());
        history.forget();
        assert_eq!((remembered(&history), history.bytes), (0, 0));
    }

    #[test]
    fn changes_are_remembered_for_a_while() {
        let mut history = History::default();
        let at = |minute: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        for minute in 0..10_i64 {
            history.add(change(minute.unsigned_abs() + 1, 1));
            history.grow_old(at(minute));
        }
        // The first four are older than five minutes by now, and the fifth is as old as that.
        assert_eq!(remembered(&history), 5);
        history.grow_old(at(60));
        assert_eq!((remembered(&history), history.bytes), (0, 0));
    }
}
