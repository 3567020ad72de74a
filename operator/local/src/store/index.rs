//! Who owns whom, so that garbage collection need not look at every object.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::store::metadata::{owner_uids, text};
use crate::store::place::Place;

#[derive(Debug, Default)]
pub(crate) struct Owners {
    living: HashSet<String>,
    dependents: HashMap<String, BTreeSet<Place>>,
}

impl Owners {
    pub(crate) fn lives(&self, uid: &str) -> bool {
        self.living.contains(uid)
    }

    pub(crate) fn dependents(&self, uid: &str) -> Vec<Place> {
        let places = self.dependents.get(uid);
        places.into_iter().flatten().cloned().collect()
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
            self.living
                .insert(text(&after["metadata"]["uid"]).to_owned());
            for owner in owner_uids(after) {
                let places = self.dependents.entry(owner).or_default();
                places.insert(place.clone());
            }
        }
    }
}
