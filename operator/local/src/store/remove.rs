//! Deleting: what holds an object, and when it is gone.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::json::text;
use crate::refusal::Refusal;
use crate::store::metadata::{check_preconditions, failed, finalizers, is_going};
use crate::store::place::Place;
use crate::store::state::Store;
use crate::time::seconds;
use crate::validate::{FOREGROUND, ORPHAN};

/// Seconds that a pod has to stop when nobody says otherwise.
const STOPS_WITHIN: i64 = 30;

const NAMESPACE: &str = "Namespace";

/// What becomes of what the object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    /// It goes after the object.
    Background,
    /// It goes before the object.
    Foreground,
    /// It stays without an owner.
    Orphan,
}

/// A deletion.
#[derive(Clone, Debug)]
pub(crate) struct Deletion {
    pub(crate) propagation: Option<Propagation>,
    pub(crate) grace: Option<i64>,
    /// A uid and a version that the object must have.
    pub(crate) preconditions: Value,
    pub(crate) dry_run: bool,
    pub(crate) now: Timestamp,
}

/// What a deletion came to.
#[derive(Clone, Debug)]
pub(crate) struct Deleted {
    /// The object as it is now, or as it was last.
    pub(crate) object: Arc<Value>,
    pub(crate) gone: bool,
}

impl Deletion {
    /// One that nobody asked for.
    pub(crate) const fn quiet(propagation: Propagation, now: Timestamp) -> Self {
        Self {
            propagation: Some(propagation),
            grace: None,
            preconditions: Value::Null,
            dry_run: false,
            now,
        }
    }
}

impl Store {
    /// Deletes an object, or marks it when something holds it.
    pub(crate) fn delete(
        &mut self,
        place: &Place,
        deletion: &Deletion,
    ) -> Result<Deleted, Refusal> {
        let old = self.get(place)?;
        check_preconditions(place, &deletion.preconditions, &old, failed)?;
        let was_going = is_going(&old);
        let mut new = Value::clone(&old);
        hold(&mut new, deletion.propagation);
        let grace = grace(place, &old, deletion.grace);
        if !is_held(place, &new, grace) {
            if !deletion.dry_run {
                let object = self.end(place, deletion.now);
                return Ok(Deleted { object, gone: true });
            }
            return Ok(Deleted {
                object: old,
                gone: true,
            });
        }
        let metadata = &mut new["metadata"];
        let granted = metadata["deletionGracePeriodSeconds"].as_i64();
        if !was_going || granted.is_some_and(|granted| grace < granted) {
            let ends = deletion
                .now
                .saturating_add(SignedDuration::from_secs(grace));
            metadata["deletionTimestamp"] = seconds(ends.unwrap_or(deletion.now)).into();
            metadata["deletionGracePeriodSeconds"] = grace.into();
        }
        if let Some(generation) = metadata["generation"].as_i64().filter(|_| !was_going) {
            metadata["generation"] = (generation + 1).into();
        }
        let is_namespace = place.kind == NAMESPACE;
        if is_namespace {
            new["status"]["phase"] = "Terminating".into();
        }
        if new == *old || deletion.dry_run {
            return Ok(Deleted {
                object: old,
                gone: false,
            });
        }
        let object = self.commit(place, new);
        if is_namespace {
            self.empty_namespace(&place.name, deletion.now);
        }
        self.see_to_dependents(place, deletion.now);
        let gone = !self.objects.contains_key(place);
        Ok(Deleted { object, gone })
    }

    /// Takes an object away, and whatever has no owner left then.
    pub(crate) fn end(&mut self, place: &Place, now: Timestamp) -> Arc<Value> {
        let last = self.take(place);
        self.collect(&last, now);
        self.owners_heard(&last, now);
        self.end_empty_namespace(&place.namespace);
        last
    }

    /// Takes an object away that was going and that nothing holds any more.
    pub(crate) fn let_go(&mut self, place: &Place, now: Timestamp) {
        let Ok(object) = self.get(place) else { return };
        let grace = object["metadata"]["deletionGracePeriodSeconds"].as_i64();
        if is_going(&object) && !is_held(place, &object, grace.unwrap_or_default()) {
            self.end(place, now);
        }
    }

    /// Orphans or deletes what an object owns that waits for that.
    fn see_to_dependents(&mut self, place: &Place, now: Timestamp) {
        let Ok(object) = self.get(place) else { return };
        let held_by = finalizers(&object);
        if held_by.iter().any(|one| one == ORPHAN) {
            self.orphan(&object);
            self.unhold(place, ORPHAN, now);
        } else if held_by.iter().any(|one| one == FOREGROUND) {
            self.delete_dependents(&object, now);
            self.end_if_alone(place, now);
        }
    }

    /// Lets an object go that waited for the last that it owns.
    pub(crate) fn end_if_alone(&mut self, place: &Place, now: Timestamp) {
        let Ok(object) = self.get(place) else { return };
        let waits = is_going(&object) && finalizers(&object).iter().any(|one| one == FOREGROUND);
        if waits && !self.is_blocked(&object) {
            self.unhold(place, FOREGROUND, now);
        }
    }

    fn unhold(&mut self, place: &Place, finalizer: &str, now: Timestamp) {
        let Ok(object) = self.get(place) else { return };
        let mut new = Value::clone(&object);
        put_finalizers(&mut new, |all| all.retain(|one| one != finalizer));
        self.commit(place, new);
        self.let_go(place, now);
    }
}

/// Marks what must happen to dependents before the object goes.
fn hold(object: &mut Value, propagation: Option<Propagation>) {
    let Some(propagation) = propagation else {
        return;
    };
    let mark = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    put_finalizers(object, |all| {
        all.retain(|one| one != ORPHAN && one != FOREGROUND);
        all.extend(mark.map(str::to_owned));
    });
}

fn put_finalizers(object: &mut Value, change: impl FnOnce(&mut Vec<String>)) {
    let mut all = finalizers(object);
    change(&mut all);
    let Some(metadata) = object["metadata"].as_object_mut() else {
        return;
    };
    if all.is_empty() {
        metadata.remove("finalizers");
    } else {
        metadata.insert("finalizers".to_owned(), json!(all));
    }
}

/// Whether a deletion has to wait: for finalizers, for seconds to stop in, or for all that is inside.
fn is_held(place: &Place, object: &Value, grace: i64) -> bool {
    !finalizers(object).is_empty() || grace > 0 || place.kind == NAMESPACE
}

/// Seconds that the object has to stop.
fn grace(place: &Place, object: &Value, asked: Option<i64>) -> i64 {
    let runs = text(&object["spec"]["nodeName"]);
    let phase = text(&object["status"]["phase"]);
    if !place.of().stops_first || runs.is_empty() || matches!(phase, "Succeeded" | "Failed") {
        return 0;
    }
    let own = object["spec"]["terminationGracePeriodSeconds"].as_i64();
    asked.or(own).unwrap_or(STOPS_WITHIN).max(0)
}
