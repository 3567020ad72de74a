//! What changed, in order, as far as it is remembered.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use crate::refusal::Refusal;
use crate::store::place::Place;

/// Changes that are remembered for watches; who is further behind lists anew.
const CHANGES_MOST: usize = 65_536;

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
    newest: u64,
    /// The newest revision whose change is forgotten.
    forgotten: u64,
}

impl History {
    pub(crate) const fn newest(&self) -> u64 {
        self.newest
    }

    pub(crate) fn add(&mut self, change: Change) {
        if self.changes.len() >= CHANGES_MOST
            && let Some(oldest) = self.changes.pop_front()
        {
            self.forgotten = oldest.revision;
        }
        self.newest = change.revision;
        self.changes.push_back(change);
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
    }
}
