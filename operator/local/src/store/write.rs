//! Creating and changing objects: each write is brought into shape, checked, written down under its
//! manager's name, and stored unless it changes nothing or is only tried.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::admit;
use crate::fields;
use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::schema::Schema;
use crate::store::difference::{asks_for_other, is_same};
use crate::store::metadata::{check_preconditions, keep_what_is_the_servers, modified};
use crate::store::place::Place;
use crate::store::state::Store;
use crate::store::terms::{Outcome, Part, Terms};

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
        fields::updated(&json!({}), &mut new, &change(kind, terms));
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
        fields::updated(&old, &mut new, &change(kind, terms));
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
        let change = change(kind, terms);
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
        let change = change(kind, terms);
        let applied =
            fields::applied(&json!({}), wanted, &change, force).map_err(Refusal::Contested)?;
        let (new, _) = self.newborn(kind, place, applied, terms)?;
        self.bring_in(kind, place, new, warnings, terms)
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
        let object = if is_same(old, &new) {
            Arc::clone(old)
        } else {
            count_specs(old, &mut new);
            if terms.dry_run {
                Arc::new(new)
            } else {
                self.replace(place, old, new, terms.now)
            }
        };
        Ok(Outcome {
            object,
            created: false,
            warnings,
        })
    }

    /// Stores what differs, and lets go what nothing holds any more then.
    fn replace(&mut self, place: &Place, old: &Value, new: Value, now: Timestamp) -> Arc<Value> {
        let object = self.commit(place, new);
        self.let_go(place, now);
        self.owners_heard(old, now);
        object
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

fn copy(from: &Value, to: &mut Value, field: &str) {
    let Some(fields) = to.as_object_mut() else {
        return;
    };
    match from.get(field) {
        Some(value) => drop(fields.insert(field.to_owned(), value.clone())),
        None => drop(fields.remove(field)),
    }
}

/// What asks for something else is another generation.
fn count_specs(old: &Value, new: &mut Value) {
    let generation = old["metadata"]["generation"].as_i64();
    if let Some(generation) = generation.filter(|_| asks_for_other(old, new)) {
        new["metadata"]["generation"] = (generation + 1).into();
    }
}

fn change<'a>(kind: &Kind, terms: &'a Terms) -> fields::Change<'a> {
    let ignored: &[&[&str]] = match terms.part {
        Part::Main if kind.has_status => &[&["status"]],
        Part::Status => &[&["spec"]],
        Part::Main | Part::Scale | Part::Whole => &[],
    };
    fields::Change {
        by: &terms.by,
        schema: Schema::of(kind),
        ignored,
        now: terms.now,
    }
}
