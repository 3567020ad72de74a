//! Creating and changing objects: each write is brought into shape, checked, written down under its
//! manager's name, and stored unless it changes nothing or is only tried.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::admit;
use crate::fields::{self, Writer};
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::schema::Schema;
use crate::shape::tidy;
use crate::store::metadata::{
    check_preconditions, clear, finalizers, is_going, keep_what_is_the_servers, modified,
    owner_uids, text,
};
use crate::store::naming;
use crate::store::place::Place;
use crate::store::remove::{Deletion, Propagation};
use crate::store::state::Store;
use crate::store::terms::{Outcome, Part, Terms};
use crate::time::seconds;

/// Generated names are tried so often before the client is asked to try again.
const NAMES_TRIED: u64 = 8;

impl Store {
    pub(crate) fn create(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        object: Value,
        terms: &Terms,
    ) -> Result<Outcome, Refusal> {
        let place = self.named(kind, place, &object)?;
        let (mut new, warnings) = self.newborn(kind, &place, object, terms)?;
        fields::updated(&json!({}), &mut new, &change(kind, terms, terms.part));
        self.bring_in(kind, &place, new, warnings, terms)
    }

    /// Changes an object. A change that changes nothing leaves no trace.
    pub(crate) fn update(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        terms: &Terms,
        make: impl FnOnce(&Value) -> Result<Value, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let old = self.get(place)?;
        let mut new = make(&old)?;
        if !new["metadata"].is_object() {
            new["metadata"] = json!({});
        }
        check_preconditions(place, &new["metadata"], &old, modified)?;
        let warnings = admit::shape(kind, &place.name, &mut new, terms)?;
        keep_what_is_the_servers(place, &old, &mut new)?;
        fields::updated(&old, &mut new, &change(kind, terms, terms.part));
        keep_other_parts(kind, terms.part, &old, &mut new);
        self.settle(kind, place, &old, new, warnings, terms)
    }

    /// Server-side apply; who is not there yet is created.
    pub(crate) fn apply(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        mut wanted: Value,
        force: bool,
        terms: &Terms,
    ) -> Result<Outcome, Refusal> {
        if wanted["metadata"]
            .get("managedFields")
            .is_some_and(|fields| !fields.is_null())
        {
            let why = "metadata.managedFields must be nil".to_owned();
            return Err(Refusal::BadRequest(why));
        }
        let warnings = admit::shape_applied(kind, place, &mut wanted, terms)?;
        let Ok(old) = self.get(place) else {
            if terms.part != Part::Main {
                return Err(place.missing());
            }
            return self.apply_first(kind, place, &wanted, force, warnings, terms);
        };
        check_preconditions(place, &wanted["metadata"], &old, modified)?;
        let change = change(kind, terms, terms.part);
        let mut new = fields::applied(&old, &wanted, &change, force).map_err(Refusal::Contested)?;
        admit::set_defaults(kind, &mut new);
        keep_what_is_the_servers(place, &old, &mut new)?;
        keep_other_parts(kind, terms.part, &old, &mut new);
        self.settle(kind, place, &old, new, warnings, terms)
    }

    fn apply_first(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        wanted: &Value,
        force: bool,
        warnings: Vec<String>,
        terms: &Terms,
    ) -> Result<Outcome, Refusal> {
        let uid = text(&wanted["metadata"]["uid"]);
        if !uid.is_empty() {
            return Err(Refusal::Conflict {
                kind,
                name: place.name.clone(),
                why: format!(
                    "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
                ),
            });
        }
        let change = change(kind, terms, Part::Main);
        let applied =
            fields::applied(&json!({}), wanted, &change, force).map_err(Refusal::Contested)?;
        let (new, _) = self.newborn(kind, place, applied, terms)?;
        self.bring_in(kind, place, new, warnings, terms)
    }

    /// The place of an object that may leave its name to the server.
    fn named(&self, kind: &'static Kind, place: &Place, object: &Value) -> Result<Place, Refusal> {
        let prefix = text(&object["metadata"]["generateName"]);
        if !place.name.is_empty() || prefix.is_empty() {
            return Ok(place.clone());
        }
        let numbers = self.revision()..self.revision() + NAMES_TRIED;
        let mut places = numbers.map(|number| {
            let name = naming::generated(prefix, number);
            Place::new(kind, &place.namespace, &name)
        });
        let free = places.find(|place| !self.objects.contains_key(place));
        free.ok_or_else(|| Refusal::Exists {
            kind,
            name: prefix.to_owned(),
        })
    }

    /// An object as it is created, but for its managers.
    fn newborn(
        &self,
        kind: &'static Kind,
        place: &Place,
        mut object: Value,
        terms: &Terms,
    ) -> Result<(Value, Vec<String>), Refusal> {
        if kind.namespaced {
            self.check_namespace(kind, place)?;
        }
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        if !text(&object["metadata"]["resourceVersion"]).is_empty() {
            let why = "resourceVersion should not be set on objects to be created".to_owned();
            return Err(Refusal::Internal(why));
        }
        let warnings = admit::shape(kind, &place.name, &mut object, terms)?;
        if kind.has_status
            && let Some(fields) = object.as_object_mut()
        {
            fields.remove("status");
        }
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.kind.into();
        let metadata = &mut object["metadata"];
        clear(metadata);
        metadata["name"] = place.name.as_str().into();
        if kind.namespaced {
            metadata["namespace"] = place.namespace.as_str().into();
        }
        metadata["uid"] = naming::uid(self.last_uid + 1).into();
        metadata["creationTimestamp"] = seconds(terms.now).into();
        if kind.counts_generations {
            metadata["generation"] = 1.into();
        }
        tidy(metadata);
        admit::begin(kind, &mut object);
        Ok((object, warnings))
    }

    fn bring_in(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        new: Value,
        warnings: Vec<String>,
        terms: &Terms,
    ) -> Result<Outcome, Refusal> {
        admit::check(kind, &place.name, &new, None, terms)?;
        if self.objects.contains_key(place) {
            return Err(Refusal::Exists {
                kind,
                name: place.name.clone(),
            });
        }
        let created = true;
        if terms.dry_run {
            let object = Arc::new(new);
            return Ok(Outcome {
                object,
                created,
                warnings,
            });
        }
        self.last_uid += 1;
        let object = self.commit(place, new);
        // What is born without an owner does not live.
        let owners = owner_uids(&object);
        if !owners.is_empty() && owners.iter().all(|uid| !self.owners.lives(uid)) {
            let deletion = Deletion::quiet(Propagation::Background, terms.now);
            let _gone = self.delete(place, &deletion);
        }
        Ok(Outcome {
            object,
            created,
            warnings,
        })
    }

    /// Checks and stores what an object was changed to.
    fn settle(
        &mut self,
        kind: &'static Kind,
        place: &Place,
        old: &Arc<Value>,
        mut new: Value,
        warnings: Vec<String>,
        terms: &Terms,
    ) -> Result<Outcome, Refusal> {
        admit::check(kind, &place.name, &new, Some(old), terms)?;
        let created = false;
        if is_same(old, &new) {
            let object = Arc::clone(old);
            return Ok(Outcome {
                object,
                created,
                warnings,
            });
        }
        let generation = old["metadata"]["generation"].as_i64();
        if let Some(generation) = generation.filter(|_| asks_for_other(old, &new)) {
            new["metadata"]["generation"] = (generation + 1).into();
        }
        if terms.dry_run {
            let object = Arc::new(new);
            return Ok(Outcome {
                object,
                created,
                warnings,
            });
        }
        let object = self.commit(place, new);
        self.let_go(place, terms.now);
        self.owners_heard(old, terms.now);
        Ok(Outcome {
            object,
            created,
            warnings,
        })
    }

    fn check_namespace(&self, kind: &'static Kind, place: &Place) -> Result<(), Refusal> {
        let namespaces = Kind::named("Namespace").expect("namespaces are served");
        let namespace = self.get(&Place::new(namespaces, "", &place.namespace))?;
        if is_going(&namespace) {
            return Err(Refusal::Terminating {
                kind,
                name: place.name.clone(),
                namespace: place.namespace.clone(),
            });
        }
        Ok(())
    }

    /// Takes an object away that was going and that nothing holds any more.
    pub(crate) fn let_go(&mut self, place: &Place, now: jiff::Timestamp) {
        let Ok(object) = self.get(place) else { return };
        let metadata = &object["metadata"];
        let stops = metadata["deletionGracePeriodSeconds"]
            .as_i64()
            .unwrap_or_default()
            > 0;
        let held = !finalizers(&object).is_empty() || stops || place.kind == "Namespace";
        if is_going(&object) && !held {
            self.end(place, now);
        }
    }
}

/// Puts back the parts of an object that a write is not about.
fn keep_other_parts(kind: &Kind, part: Part, old: &Value, new: &mut Value) {
    match part {
        Part::Main | Part::Scale if kind.has_status => copy(old, new, "status"),
        Part::Main | Part::Scale | Part::Whole => {}
        Part::Status => {
            let mut whole = old.clone();
            copy(new, &mut whole, "status");
            if !kind.is_custom() {
                copy(new, &mut whole, "metadata");
            }
            let managed = new["metadata"]["managedFields"].take();
            if !managed.is_null() {
                whole["metadata"]["managedFields"] = managed;
            }
            *new = whole;
        }
    }
}

fn change<'a>(kind: &Kind, terms: &'a Terms, part: Part) -> fields::Change<'a> {
    let ignored: &[&[&str]] = match part {
        Part::Main if kind.has_status => &[&["status"]],
        Part::Status => &[&["spec"]],
        Part::Main | Part::Scale | Part::Whole => &[],
    };
    let by: &Writer = &terms.by;
    fields::Change {
        by,
        schema: Schema::of(kind),
        ignored,
        now: terms.now,
    }
}

/// Whether nothing differs but when who wrote it.
fn is_same(old: &Value, new: &Value) -> bool {
    same_but(old, new, "metadata")
        && same_but(&old["metadata"], &new["metadata"], "managedFields")
        && same_managers(&old["metadata"], &new["metadata"])
}

fn same_managers(old: &Value, new: &Value) -> bool {
    let (old, new) = (
        old["managedFields"].as_array(),
        new["managedFields"].as_array(),
    );
    let count = |entries: Option<&Vec<Value>>| entries.map_or(0, Vec::len);
    let mut pairs = old.into_iter().flatten().zip(new.into_iter().flatten());
    count(old) == count(new) && pairs.all(|(old, new)| same_but(old, new, "time"))
}

/// Whether two objects are the same but for one field.
fn same_but(old: &Value, new: &Value, field: &str) -> bool {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return old == new;
    };
    let mut names = old.keys().chain(new.keys()).filter(|name| *name != field);
    names.all(|name| old.get(name) == new.get(name))
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
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return false;
    };
    let is_spec = |name: &&String| *name != "metadata" && *name != "status";
    let mut names = old.keys().chain(new.keys()).filter(is_spec);
    names.any(|name| old.get(name) != new.get(name))
}
