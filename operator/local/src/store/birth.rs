//! How an object comes to be: the name that it is given, what it is born with, and what has to be
//! there before it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::admit;
use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::shape::tidy;
use crate::store::metadata::{clear, is_going, owner_uids};
use crate::store::naming;
use crate::store::place::Place;
use crate::store::remove::{Deletion, Propagation};
use crate::store::state::Store;
use crate::store::terms::{Outcome, Terms};
use crate::time::seconds;

/// Generated names are tried so often before the client is asked to try again.
const NAMES_TRIED: u64 = 8;

impl Store {
    /// The place of an object that may leave its name to the server.
    pub(crate) fn named(
        &self,
        kind: &'static Kind,
        place: &Place,
        object: &Value,
    ) -> Result<Place, Refusal> {
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
    pub(crate) fn newborn(
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

    /// Checks and stores what is new.
    pub(crate) fn bring_in(
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
        let object = if terms.dry_run {
            Arc::new(new)
        } else {
            self.add(place, new, terms.now)
        };
        Ok(Outcome {
            object,
            created: true,
            warnings,
        })
    }

    /// Stores what is new. What is born without a living owner does not live.
    fn add(&mut self, place: &Place, new: Value, now: Timestamp) -> Arc<Value> {
        self.last_uid += 1;
        let object = self.commit(place, new);
        let owners = owner_uids(&object);
        if !owners.is_empty() && owners.iter().all(|uid| !self.owners.lives(uid)) {
            let deletion = Deletion::quiet(Propagation::Background, now);
            let _gone = self.delete(place, &deletion);
        }
        object
    }

    fn check_namespace(&self, kind: &'static Kind, place: &Place) -> Result<(), Refusal> {
        let namespace = Place::new(Kind::of_namespaces(), "", &place.namespace);
        let namespace = self.get(&namespace)?;
        if is_going(&namespace) {
            return Err(Refusal::Terminating {
                kind,
                name: place.name.clone(),
                namespace: place.namespace.clone(),
            });
        }
        Ok(())
    }
}
