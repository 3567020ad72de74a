//! The side door, for tests and for controllers inside the process: no script is asked about what comes
//! in there, and little of it is checked.

use std::sync::Arc;

use serde_json::Value;

use crate::api::LocalApi;
use crate::fields::Writer;
use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::store::{Asking, Deletion, Part, Place, Terms, Unknown};

/// Who writes through the side door, in managed fields.
const INSIDER: &str = "millrace-local";

impl LocalApi {
    /// An object as it is stored.
    #[must_use]
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let place = Place::new(Kind::named(kind)?, namespace, name);
        let found = self.shared.store.lock().get(&place).ok()?;
        Some(Value::clone(&found))
    }

    /// All objects of a kind, by namespace and name.
    #[must_use]
    pub fn objects(&self, kind: &str) -> Vec<Arc<Value>> {
        let Some(kind) = Kind::named(kind) else {
            return Vec::new();
        };
        let store = self.shared.store.lock();
        let page = store.list(kind, &Asking::default());
        page.map(|page| page.items).unwrap_or_default()
    }

    /// Every object, to be kept beyond this process.
    #[must_use]
    pub fn everything(&self) -> Vec<Arc<Value>> {
        self.shared.store.lock().everything()
    }

    /// Puts objects back that were kept, as they were. To be called before anything else.
    pub fn restore(&self, objects: Vec<Value>) {
        let mut store = self.shared.store.lock();
        store.restore(objects);
        self.shared.newest.grow_to(store.revision());
    }

    /// Creates an object that says itself what it is and where, and its namespace where there is none.
    /// Nothing else of it is checked.
    ///
    /// # Errors
    /// When it is there, or of no kind that is served.
    pub fn create(&self, object: Value) -> Result<Arc<Value>, Refusal> {
        let kind = served(text(&object["kind"]))?;
        let place = Place::said_by(kind, &object);
        if kind.namespaced && !place.namespace.is_empty() {
            self.ensure_namespace(&place.namespace)?;
        }
        let terms = self.insider(kind);
        self.shared.write(|store| {
            let created = store.create(kind, &place, object, &terms)?;
            Ok(created.object)
        })
    }

    /// Changes an object, its status too, without any check. One that nothing holds any more goes.
    ///
    /// # Errors
    /// When it is not there.
    pub fn edit(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Value),
    ) -> Result<Arc<Value>, Refusal> {
        let kind = served(kind)?;
        let place = Place::new(kind, namespace, name);
        let terms = self.insider(kind);
        self.shared.write(|store| {
            let edited = store.update(kind, &place, &terms, |old| {
                let mut new = old.clone();
                edit(&mut new);
                Ok(new)
            })?;
            Ok(edited.object)
        })
    }

    /// Deletes an object as a user would.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        self.delete_within(kind, namespace, name, None)
    }

    /// Takes an object away whose stop nobody waits for any more.
    ///
    /// # Errors
    /// When it is not there.
    pub fn finish(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        self.delete_within(kind, namespace, name, Some(0))
    }

    fn delete_within(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        grace: Option<i64>,
    ) -> Result<(), Refusal> {
        let place = Place::new(served(kind)?, namespace, name);
        let deletion = Deletion {
            propagation: None,
            grace,
            preconditions: Value::Null,
            dry_run: false,
            now: self.shared.now(),
        };
        let deleted = self.shared.write(|store| store.delete(&place, &deletion));
        deleted.map(drop)
    }

    pub(crate) fn ensure_namespace(&self, name: &str) -> Result<(), Refusal> {
        let kind = Kind::of_namespaces();
        let place = Place::new(kind, "", name);
        let terms = self.insider(kind);
        self.shared.write(|store| {
            if store.get(&place).is_err() {
                store.create(kind, &place, Value::Null, &terms)?;
            }
            Ok(())
        })
    }

    /// On which terms the side door writes.
    fn insider(&self, kind: &Kind) -> Terms {
        Terms {
            by: Writer {
                name: INSIDER.to_owned(),
                api_version: kind.api_version(),
                subresource: "",
            },
            part: Part::Whole,
            now: self.shared.now(),
            dry_run: false,
            unknown: Unknown::Dropped,
            trusted: true,
        }
    }
}

fn served(kind: &str) -> Result<&'static Kind, Refusal> {
    Kind::named(kind).ok_or_else(|| Refusal::NotServed {
        path: kind.to_owned(),
    })
}
