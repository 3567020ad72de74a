//! The objects themselves, the index over them and the history of their changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::refusal::Refusal;
use crate::store::history::{Change, History};
use crate::store::index::Owners;
use crate::store::place::Place;

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) objects: BTreeMap<Place, Arc<Value>>,
    pub(crate) owners: Owners,
    history: History,
    pub(crate) last_uid: u64,
}

impl Store {
    pub(crate) const fn revision(&self) -> u64 {
        self.history.newest()
    }

    pub(crate) fn get(&self, place: &Place) -> Result<Arc<Value>, Refusal> {
        let found = self.objects.get(place).cloned();
        found.ok_or_else(|| place.missing())
    }

    /// What happened after `revision`.
    pub(crate) fn changes_after(
        &self,
        revision: u64,
    ) -> Result<impl DoubleEndedIterator<Item = &Change>, Refusal> {
        self.history.after(revision)
    }

    /// The first change from now on comes after `revision`.
    pub(crate) fn begin_after(&mut self, revision: u64) {
        self.history.begin_after(revision);
    }

    /// Forgets changes of long ago.
    pub(crate) fn grow_old(&mut self, now: Timestamp) {
        self.history.grow_old(now);
    }

    /// Who watched something older must list anew.
    pub(crate) fn forget_history(&mut self) {
        self.history.forget();
    }

    pub(crate) fn commit(&mut self, place: &Place, mut stamped: Value) -> Arc<Value> {
        let revision = self.history.newest() + 1;
        stamped["metadata"]["resourceVersion"] = revision.to_string().into();
        let stamped = Arc::new(stamped);
        let before = self.objects.insert(place.clone(), Arc::clone(&stamped));
        self.owners
            .change(place, before.as_deref(), Some(stamped.as_ref()));
        self.history.add(Change {
            revision,
            place: place.clone(),
            before,
            after: Some(Arc::clone(&stamped)),
        });
        stamped
    }

    /// Takes an object out; its last state, at the version of its end.
    pub(crate) fn take(&mut self, place: &Place) -> Arc<Value> {
        let revision = self.history.newest() + 1;
        let before = self.objects.remove(place).unwrap_or_default();
        self.owners.change(place, Some(before.as_ref()), None);
        let mut last = Value::clone(&before);
        last["metadata"]["resourceVersion"] = revision.to_string().into();
        self.history.add(Change {
            revision,
            place: place.clone(),
            before: Some(before),
            after: None,
        });
        Arc::new(last)
    }
}
