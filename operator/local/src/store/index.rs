//! Who owns whom and how many are in a namespace, so that nobody need look at every object.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::json::text;
use crate::store::metadata::owner_uids;
use crate::store::place::Place;

#[derive(Debug, Default)]
pub(crate) struct Owners {
    living: HashMap<String, Place>,
    dependents: HashMap<String, BTreeSet<Place>>,
    inside: HashMap<String, usize>,
}

impl Owners {
    pub(crate) fn lives(&self, uid: &str) -> bool {
        self.living.contains_key(uid)
    }

    pub(crate) fn place(&self, uid: &str) -> Option<Place> {
        self.living.get(uid).cloned()
    }

    pub(crate) fn dependents(&self, uid: &str) -> Vec<Place> {
        let places = self.dependents.get(uid);
        places.into_iter().flatten().cloned().collect()
    }

    /// How many objects are in a namespace.
    pub(crate) fn inside(&self, namespace: &str) -> usize {
        self.inside.get(namespace).copied().unwrap_or_default()
    }

    pub(crate) fn change(&mut self, place: &Place, before: Option<&Value>, after: Option<&Value>) {
        if let Some(before) = before {
            self.living.remove(text(&before["metadata"]["uid"]));
            for owner in owner_uids(before) {
                if let Some(places) = self.dependents.get_mut(&owner) {
                    places.remove(place);
                    if places.is_empty() {
                        self.dependents.remove(&owner);
                    }
                }
            }
        }
        if let Some(after) = after {
            let uid = text(&after["metadata"]["uid"]).to_owned();
            self.living.insert(uid, place.clone());
            for owner in owner_uids(after) {
                let places = self.dependents.entry(owner).or_default();
                places.insert(place.clone());
            }
        }
        let inside = self.inside.entry(place.namespace.clone()).or_default();
        match (before, after) {
            (None, Some(_)) => *inside += 1,
            (Some(_), None) => *inside -= 1,
            _ => {}
        }
    }
}
