//! Who manages which fields, as `metadata.managedFields` has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fields::set::Set;
use crate::json::text;
use crate::time::seconds;

/// Managers that update are remembered up to so many; the oldest become one.
const UPDATERS_MOST: usize = 10;
const OLDEST: &str = "ancient-changes";

/// Who writes, and through which door.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) name: String,
    pub(crate) api_version: String,
    /// Empty for the object itself.
    pub(crate) subresource: &'static str,
}

/// Two managers who want different values in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The other manager, as messages name them.
    pub manager: String,
    /// The field, with a leading dot.
    pub field: String,
}

/// How a manager came by its fields. Appliers sort first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Apply,
    Update,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Manager {
    pub(crate) operation: Operation,
    pub(crate) name: String,
    /// Empty for appliers: they stay who they are when they apply another version.
    pub(crate) api_version: String,
    pub(crate) subresource: String,
}

impl Manager {
    pub(crate) fn of(writer: &Writer, operation: Operation) -> Self {
        let api_version = match operation {
            Operation::Apply => String::new(),
            Operation::Update => writer.api_version.clone(),
        };
        Self {
            operation,
            name: writer.name.clone(),
            api_version,
            subresource: writer.subresource.to_owned(),
        }
    }
}

/// What one of them manages, since when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Managed {
    pub(crate) fields: Set,
    pub(crate) api_version: String,
    pub(crate) time: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Managers {
    pub(crate) all: BTreeMap<Manager, Managed>,
}

impl Managers {
    /// Reads the managers of an object.
    pub(crate) fn of(object: &Value) -> Self {
        let entries = object["metadata"]["managedFields"].as_array();
        let all = entries.into_iter().flatten().map(|entry| {
            let said = |field: &str| text(&entry[field]).to_owned();
            let operation = match entry["operation"].as_str() {
                Some("Apply") => Operation::Apply,
                _ => Operation::Update,
            };
            let writer = Writer {
                name: said("manager"),
                api_version: said("apiVersion"),
                subresource: "",
            };
            let manager = Manager {
                subresource: said("subresource"),
                ..Manager::of(&writer, operation)
            };
            let managed = Managed {
                fields: Set::read(&entry["fieldsV1"]),
                api_version: said("apiVersion"),
                time: said("time"),
            };
            (manager, managed)
        });
        Self { all: all.collect() }
    }

    pub(crate) fn put(&mut self, manager: Manager, fields: Set, writer: &Writer, now: Timestamp) {
        let managed = Managed {
            fields,
            api_version: writer.api_version.clone(),
            time: seconds(now),
        };
        self.all.insert(manager, managed);
    }

    pub(crate) fn drop_idle(&mut self) {
        self.all.retain(|_, managed| !managed.fields.is_empty());
    }

    /// Joins the oldest that updated when they are too many.
    pub(crate) fn cap(&mut self) {
        let updaters = self.all.iter();
        let updaters = updaters.filter(|(manager, _)| manager.operation == Operation::Update);
        let mut updaters: Vec<(String, Manager)> = updaters
            .map(|(manager, managed)| (managed.time.clone(), manager.clone()))
            .collect();
        let Some(surplus) = updaters
            .len()
            .checked_sub(UPDATERS_MOST)
            .filter(|surplus| *surplus > 0)
        else {
            return;
        };
        updaters.sort();
        for (time, manager) in updaters.into_iter().take(surplus + 1) {
            let Some(managed) = self.all.remove(&manager) else {
                continue;
            };
            let bucket = Manager {
                name: OLDEST.to_owned(),
                subresource: String::new(),
                ..manager
            };
            let joined = match self.all.remove(&bucket) {
                Some(others) => others.fields.union(&managed.fields),
                None => managed.fields,
            };
            let api_version = managed.api_version;
            self.all.insert(
                bucket,
                Managed {
                    fields: joined,
                    api_version,
                    time,
                },
            );
        }
    }

    /// As `metadata.managedFields`.
    pub(crate) fn written(&self) -> Vec<Value> {
        let mut entries: Vec<(&Manager, &Managed)> = self.all.iter().collect();
        let order = |(manager, managed): &(&Manager, &Managed)| {
            let who = (
                manager.name.clone(),
                managed.api_version.clone(),
                manager.subresource.clone(),
            );
            (manager.operation, managed.time.clone(), who)
        };
        entries.sort_by_cached_key(order);
        let entries = entries.into_iter().map(|(manager, managed)| {
            let operation = match manager.operation {
                Operation::Apply => "Apply",
                Operation::Update => "Update",
            };
            let mut entry = json!({"manager": manager.name, "operation": operation,
                "apiVersion": managed.api_version, "time": managed.time,
                "fieldsType": "FieldsV1", "fieldsV1": managed.fields.written()});
            if !manager.subresource.is_empty() {
                entry["subresource"] = manager.subresource.as_str().into();
            }
            entry
        });
        entries.collect()
    }
}

/// A manager as messages of conflicts name it.
pub(crate) fn told(manager: &Manager, managed: &Managed) -> String {
    let mut told = format!("{:?}", manager.name);
    if !manager.subresource.is_empty() {
        told.push_str(&format!(" with subresource {:?}", manager.subresource));
    }
    if manager.operation == Operation::Update {
        told.push_str(&format!(" using {}", managed.api_version));
    }
    told
}
