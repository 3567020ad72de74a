//! Garbage: what goes or stays when its owners go, and namespaces that empty themselves.

use jiff::Timestamp;
use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::shape::tidy;
use crate::store::metadata::{finalizers, is_going, owner_uids};
use crate::store::place::Place;
use crate::store::remove::{Deletion, Propagation};
use crate::store::state::Store;

impl Store {
    /// After an object has gone: what it owned goes too, unless somebody else owns it as well.
    pub(crate) fn collect(&mut self, gone: &Value, now: Timestamp) {
        let uid = text(&gone["metadata"]["uid"]).to_owned();
        for place in self.owners.dependents(&uid) {
            let Some(object) = self.objects.get(&place) else {
                continue;
            };
            if owner_uids(object)
                .iter()
                .any(|owner| self.owners.lives(owner))
            {
                self.disown(&place, &uid);
            } else if !is_going(object) {
                let _held = self.delete(&place, &Deletion::quiet(Propagation::Background, now));
            }
        }
    }

    /// Lets go of what `owner` owns.
    pub(crate) fn orphan(&mut self, owner: &Value) {
        let uid = text(&owner["metadata"]["uid"]);
        for place in self.owners.dependents(uid) {
            self.disown(&place, uid);
        }
    }

    /// Deletes what `owner` owns, and first what that owns.
    pub(crate) fn delete_dependents(&mut self, owner: &Value, now: Timestamp) {
        let uid = text(&owner["metadata"]["uid"]).to_owned();
        for place in self.owners.dependents(&uid) {
            let Some(object) = self.objects.get(&place) else {
                continue;
            };
            let others = owner_uids(object);
            let kept = others
                .iter()
                .any(|other| *other != uid && self.owners.lives(other));
            if kept {
                self.disown(&place, &uid);
                continue;
            }
            let own = text(&object["metadata"]["uid"]);
            let propagation = if self.owners.dependents(own).is_empty() {
                Propagation::Background
            } else {
                Propagation::Foreground
            };
            if !is_going(object) {
                let _held = self.delete(&place, &Deletion::quiet(propagation, now));
            }
        }
    }

    /// Whether something that `owner` owns must go before it.
    pub(crate) fn is_blocked(&self, owner: &Value) -> bool {
        let uid = text(&owner["metadata"]["uid"]);
        self.owners.dependents(uid).iter().any(|place| {
            let references = self
                .objects
                .get(place)
                .and_then(|object| object["metadata"]["ownerReferences"].as_array());
            let mut references = references.into_iter().flatten();
            references.any(|one| one["uid"] == uid && one["blockOwnerDeletion"] == true)
        })
    }

    /// Tells the owners of an object that changed or went, as far as they waited for that.
    pub(crate) fn owners_heard(&mut self, object: &Value, now: Timestamp) {
        for uid in owner_uids(object) {
            if let Some(place) = self.owners.place(&uid) {
                self.end_if_alone(&place, now);
            }
        }
    }

    fn disown(&mut self, place: &Place, uid: &str) {
        let Some(object) = self.objects.get(place) else {
            return;
        };
        let mut freed = Value::clone(object);
        if let Some(references) = freed["metadata"]["ownerReferences"].as_array_mut() {
            references.retain(|reference| text(&reference["uid"]) != uid);
        }
        tidy(&mut freed["metadata"]);
        self.commit(place, freed);
    }

    /// Deletes everything in a namespace that goes.
    pub(crate) fn empty_namespace(&mut self, namespace: &str, now: Timestamp) {
        let inside = self.objects.keys();
        let inside: Vec<Place> = inside
            .filter(|place| place.namespace == namespace)
            .cloned()
            .collect();
        for place in inside {
            let _held = self.delete(&place, &Deletion::quiet(Propagation::Background, now));
        }
        self.end_empty_namespace(namespace);
    }

    /// Takes away a namespace that goes once nothing is in it.
    pub(crate) fn end_empty_namespace(&mut self, namespace: &str) {
        let place = Place::new(Kind::of_namespaces(), "", namespace);
        let ends = self.objects.get(&place).is_some_and(|object| {
            is_going(object) && finalizers(object).is_empty() && self.owners.inside(namespace) == 0
        });
        if ends {
            self.take(&place);
        }
    }
}
