//! The objects and the API server's rules for them: versions, generations, preconditions, finalizers,
//! owners. Pure: the time comes in, answers and the history of changes come out.

mod index;
mod metadata;
mod place;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apply::apply;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::selector::Selection;
use index::Owners;
use metadata::{check_preconditions, keep_what_is_the_servers, owner_uids, text, tidy};
pub(crate) use place::Place;

/// Changes that are remembered for watches; who is further behind lists anew.
const HISTORY_LIMIT: usize = 65_536;

/// One change of one object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) kind: &'static str,
    pub(crate) before: Option<Arc<Value>>,
    pub(crate) after: Option<Arc<Value>>,
}

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Main,
    Status,
    /// Both at once: what controllers inside the process do.
    Whole,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) revision: u64,
    /// The last object of the page, when more follow.
    pub(crate) last: Option<(String, String)>,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<Place, Arc<Value>>,
    /// What each manager applied last.
    applied: HashMap<(Place, String), Value>,
    owners: Owners,
    history: VecDeque<Change>,
    revision: u64,
    last_uid: u64,
}

impl Store {
    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn everything(&self) -> Vec<Arc<Value>> {
        self.objects.values().cloned().collect()
    }

    pub(crate) fn restore(&mut self, objects: Vec<Value>) {
        for object in objects {
            let Some(kind) = Kind::named(text(&object["kind"])) else {
                continue;
            };
            let metadata = &object["metadata"];
            let place = Place::new(kind, text(&metadata["namespace"]), text(&metadata["name"]));
            let version = text(&metadata["resourceVersion"]).parse().unwrap_or_default();
            self.revision = self.revision.max(version);
            let uid = text(&metadata["uid"]).rsplit('-').next().unwrap_or_default();
            self.last_uid = self.last_uid.max(uid.parse().unwrap_or_default());
            let object = Arc::new(object);
            self.owners.change(&place, None, Some(object.as_ref()));
            self.objects.insert(place, object);
        }
    }

    pub(crate) fn get(&self, place: &Place) -> Result<Arc<Value>, Refusal> {
        let found = self.objects.get(place).cloned();
        found.ok_or_else(|| place.missing())
    }

    /// Objects in the order of their names, after `after`, at most `limit`.
    pub(crate) fn list(
        &self,
        kind: &'static Kind,
        selection: &Selection,
        after: Option<&(String, String)>,
        limit: Option<usize>,
    ) -> Page {
        let (namespace, name) = after.cloned().unwrap_or_default();
        let first = Place::new(kind, &namespace, &name);
        let mut page = Page {
            revision: self.revision,
            ..Page::default()
        };
        let all = self.objects.range(first..);
        let all = all.take_while(|(place, _)| place.kind == kind.kind);
        let mut last: Option<&Place> = None;
        for (place, object) in all.filter(|(_, object)| selection.matches(object)) {
            let is_last_read =
                after.is_some_and(|(ns, name)| place.namespace == *ns && place.name == *name);
            if is_last_read {
                continue;
            }
            if limit.is_some_and(|limit| page.items.len() >= limit) {
                page.last = last.map(|place| (place.namespace.clone(), place.name.clone()));
                break;
            }
            page.items.push(Arc::clone(object));
            last = Some(place);
        }
        page
    }

    pub(crate) fn create(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        mut object: Value,
        now: Timestamp,
    ) -> Result<Arc<Value>, Refusal> {
        if self.objects.contains_key(place) {
            return Err(Refusal::Exists {
                kind: place.kind.to_owned(),
                name: place.name.clone(),
            });
        }
        self.last_uid += 1;
        if kind.has_status
            && let Some(fields) = object.as_object_mut()
        {
            fields.remove("status");
        }
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.kind.into();
        let metadata = &mut object["metadata"];
        metadata["name"] = place.name.as_str().into();
        if kind.namespaced {
            metadata["namespace"] = place.namespace.as_str().into();
        }
        metadata["uid"] = format!("00000000-0000-4000-8000-{:012}", self.last_uid).into();
        metadata["creationTimestamp"] = seconds(now);
        if kind.has_status {
            metadata["generation"] = 1.into();
        }
        tidy(metadata);
        let stored = self.commit(place, object);
        // What is born without an owner does not live.
        let owners = owner_uids(&stored);
        if !owners.is_empty() && owners.iter().all(|uid| !self.owners.lives(uid)) {
            self.remove(place);
        }
        Ok(stored)
    }

    /// Changes an object. A change that changes nothing leaves no trace.
    pub(crate) fn update(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        part: Part,
        change: impl FnOnce(&Value) -> Result<Value, Refusal>,
    ) -> Result<Arc<Value>, Refusal> {
        let old = self.get(place)?;
        let mut new = change(&old)?;
        check_preconditions(place.kind, &place.name, &new["metadata"], &old)?;
        match part {
            Part::Main if kind.has_status => copy(&old, &mut new, "status"),
            Part::Main | Part::Whole => {}
            Part::Status => {
                let mut whole = Value::clone(&old);
                copy(&new, &mut whole, "status");
                new = whole;
            }
        }
        keep_what_is_the_servers(place.kind, &place.name, &old, &mut new)?;
        if new == *old {
            return Ok(old);
        }
        let generation = old["metadata"]["generation"].as_i64();
        if let Some(generation) = generation.filter(|_| asks_for_other(&old, &new)) {
            new["metadata"]["generation"] = (generation + 1).into();
        }
        let stored = self.commit(place, new);
        if is_let_go(&stored) && !kind.stops_first {
            return Ok(self.remove(place));
        }
        Ok(stored)
    }

    /// Server-side apply by a manager who insists.
    pub(crate) fn apply(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        manager: &str,
        part: Part,
        wanted: &Value,
        now: Timestamp,
    ) -> Result<Arc<Value>, Refusal> {
        let of = (place.clone(), manager.to_owned());
        let stored = if self.objects.contains_key(place) {
            let before = self.applied.get(&of).cloned();
            self.update(kind, place, part, |old| {
                let mut new = old.clone();
                apply(&mut new, before.as_ref(), wanted);
                Ok(new)
            })?
        } else if part == Part::Status {
            return Err(place.missing());
        } else {
            self.create(kind, place, wanted.clone(), now)?
        };
        self.applied.insert(of, wanted.clone());
        Ok(stored)
    }

    /// Deletes an object, or marks it when something holds it. `None`: it is gone.
    pub(crate) fn delete(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        options: &Value,
        now: Timestamp,
    ) -> Result<Option<Arc<Value>>, Refusal> {
        let old = self.get(place)?;
        check_preconditions(place.kind, &place.name, &options["preconditions"], &old)?;
        if options["propagationPolicy"] == "Orphan" {
            self.orphan(&old);
        }
        let stops = kind.stops_first && options["gracePeriodSeconds"] != 0;
        let held = old["metadata"].get("finalizers").is_some() || stops;
        if !held {
            self.remove(place);
            return Ok(None);
        }
        if old["metadata"].get("deletionTimestamp").is_some() {
            return Ok(Some(old));
        }
        let mut new = Value::clone(&old);
        new["metadata"]["deletionTimestamp"] = seconds(now);
        new["metadata"]["deletionGracePeriodSeconds"] = (if stops { 30 } else { 0 }).into();
        if let Some(generation) = old["metadata"]["generation"].as_i64() {
            new["metadata"]["generation"] = (generation + 1).into();
        }
        Ok(Some(self.commit(place, new)))
    }

    /// What happened after `revision`.
    pub(crate) fn changes_after(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &Change>, Refusal> {
        let oldest = self.history.front().map_or(0, |first| first.revision - 1);
        let forgotten = self.history.is_empty() && revision < self.revision;
        if revision < oldest || forgotten {
            return Err(Refusal::Expired {
                asked: revision,
                oldest: oldest.max(1),
            });
        }
        let first = self
            .history
            .partition_point(|change| change.revision <= revision);
        Ok(self.history.range(first..))
    }

    /// Who watched something older must list anew.
    pub(crate) fn forget_history(&mut self) {
        self.revision += 1;
        self.history.clear();
    }

    fn commit(&mut self, place: &Place, mut stamped: Value) -> Arc<Value> {
        self.revision += 1;
        let before = self.objects.get(place).cloned();
        stamped["metadata"]["resourceVersion"] = self.revision.to_string().into();
        let stamped = Arc::new(stamped);
        self.owners
            .change(place, before.as_deref(), Some(stamped.as_ref()));
        self.objects.insert(place.clone(), Arc::clone(&stamped));
        self.remember(place.kind, before, Some(Arc::clone(&stamped)));
        stamped
    }

    /// Takes an object away, and whatever has no owner left then.
    fn remove(&mut self, place: &Place) -> Arc<Value> {
        self.revision += 1;
        let before = self.objects.remove(place).unwrap_or_default();
        self.applied.retain(|(of, _), _| of != place);
        self.owners.change(place, Some(before.as_ref()), None);
        let mut last = Value::clone(&before);
        last["metadata"]["resourceVersion"] = self.revision.to_string().into();
        let last = Arc::new(last);
        self.remember(place.kind, Some(Arc::clone(&last)), None);
        for orphan in self.owners.dependents(text(&last["metadata"]["uid"])) {
            let Some(object) = self.objects.get(&orphan) else {
                continue;
            };
            if owner_uids(object).iter().all(|uid| !self.owners.lives(uid))
                && let Some(kind) = Kind::named(orphan.kind)
            {
                // A time is only needed for what is held.
                let _held = self.delete(kind, &orphan, &Value::Null, Timestamp::UNIX_EPOCH);
            }
        }
        last
    }

    /// Lets go of what `owner` owns.
    fn orphan(&mut self, owner: &Value) {
        let uid = text(&owner["metadata"]["uid"]);
        for place in self.owners.dependents(uid) {
            let Some(object) = self.objects.get(&place) else {
                continue;
            };
            let mut freed = Value::clone(object);
            if let Some(references) = freed["metadata"]["ownerReferences"].as_array_mut() {
                references.retain(|reference| text(&reference["uid"]) != uid);
            }
            tidy(&mut freed["metadata"]);
            self.commit(&place, freed);
        }
    }

    fn remember(
        &mut self,
        kind: &'static str,
        before: Option<Arc<Value>>,
        after: Option<Arc<Value>>,
    ) {
        if self.history.len() >= HISTORY_LIMIT {
            self.history.pop_front();
        }
        self.history.push_back(Change {
            revision: self.revision,
            kind,
            before,
            after,
        });
    }
}

fn seconds(now: Timestamp) -> Value {
    json!(now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn copy(from: &Value, to: &mut Value, field: &str) {
    let Some(fields) = to.as_object_mut() else {
        return;
    };
    match from.get(field) {
        Some(value) => drop(fields.insert(field.to_owned(), value.clone())),
        None => drop(fields.remove(field)),
    }
}

/// Whether anything but metadata and status differs.
fn asks_for_other(old: &Value, new: &Value) -> bool {
    let fields = |object: &Value| -> BTreeMap<String, Value> {
        let fields = object.as_object().cloned().unwrap_or_default();
        let fields = fields.into_iter();
        fields
            .filter(|(name, _)| name != "metadata" && name != "status")
            .collect()
    };
    fields(old) != fields(new)
}

fn is_let_go(object: &Value) -> bool {
    let metadata = &object["metadata"];
    metadata.get("deletionTimestamp").is_some() && metadata.get("finalizers").is_none()
}
