//! Writes and whose fields they are: an update takes the fields that it changes from everybody, an
//! apply takes what it names and leaves what it named before and does not any more.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::fields::manager::{Conflict, Manager, Managers, Operation, Writer, told};
use crate::fields::set::Set;
use crate::fields::typed::{Difference, fields, merged, without};
use crate::schema::Schema;

/// Nobody manages these.
const OF_NOBODY: &[&[&str]] = &[
    &["apiVersion"],
    &["kind"],
    &["metadata"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "creationTimestamp"],
    &["metadata", "selfLink"],
    &["metadata", "uid"],
    &["metadata", "generation"],
    &["metadata", "managedFields"],
    &["metadata", "resourceVersion"],
];

/// Who managed everything before the first apply.
const BEFORE_ANY: &str = "before-first-apply";

/// A write on its way.
#[derive(Clone, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) by: &'a Writer,
    pub(crate) schema: Schema,
    /// Fields that this door does not write.
    pub(crate) ignored: &'a [&'a [&'a str]],
    pub(crate) now: Timestamp,
}

/// Sets the managed fields of `new`, which an update made of `live`.
pub(crate) fn updated(live: &Value, new: &mut Value, change: &Change<'_>) {
    let mut managers = managers_for(live, new);
    strip(new);
    let difference = Difference::between(&unmanaged(live), new, change.schema);
    let difference = difference.without(&Set::of(change.ignored));
    let taken = difference.modified.union(&difference.added);
    for managed in managers.all.values_mut() {
        managed.fields = managed
            .fields
            .difference(&taken)
            .difference(&difference.removed);
    }
    let taken = taken.difference(&Set::of(OF_NOBODY));
    if !taken.is_empty() {
        let manager = Manager::of(change.by, Operation::Update);
        let before = managers
            .all
            .get(&manager)
            .map(|managed| managed.fields.clone());
        let all = before.unwrap_or_default().union(&taken);
        managers.put(manager, all, change.by, change.now);
    }
    managers.drop_idle();
    managers.cap();
    write(new, &managers);
}

/// Applies `wanted` to `live`; the object with its managed fields, or who is in the way.
pub(crate) fn applied(
    live: &Value,
    wanted: &Value,
    change: &Change<'_>,
    force: bool,
) -> Result<Value, Vec<Conflict>> {
    let schema = change.schema;
    let mut managers = known_managers(live, change);
    let before = unmanaged(live);
    let ignored = Set::of(change.ignored);
    let manager = Manager::of(change.by, Operation::Apply);
    let last = managers.all.get(&manager).cloned();
    let named = fields(wanted, schema).without(&ignored);
    let mut others = managers.clone();
    others.all.remove(&manager);

    let mut new = merged(&before, wanted, schema);
    if let Some(last) = last.as_ref().filter(|last| !last.fields.is_empty()) {
        let owned = others
            .all
            .values()
            .fold(named.clone(), |all, one| all.union(&one.fields));
        new = pruned(&new, &last.fields, &owned, schema);
    }
    let difference = Difference::between(&before, &new, schema).without(&ignored);
    let changed = difference.modified.union(&difference.added);
    let mut conflicts = Vec::new();
    for (other, managed) in &mut others.all {
        let contested = managed.fields.intersection(&changed);
        if !force {
            let who = told(other, managed);
            let paths = contested.paths().into_iter();
            conflicts.extend(paths.map(|field| Conflict {
                manager: who.clone(),
                field,
            }));
        }
        managed.fields = managed
            .fields
            .difference(&contested)
            .difference(&difference.removed);
    }
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    managers = others;
    let named = named.difference(&Set::of(OF_NOBODY));
    match last {
        // Who applies the same again is not written down anew.
        Some(last) if last.fields == named && new == before => {
            managers.all.insert(manager, last);
        }
        _ => managers.put(manager, named, change.by, change.now),
    }
    managers.drop_idle();
    write(&mut new, &managers);
    Ok(new)
}

/// The managers of what is there. What nobody manages belongs to whoever was there before the first
/// apply.
fn known_managers(live: &Value, change: &Change<'_>) -> Managers {
    let managers = Managers::of(live);
    if !managers.all.is_empty() || live.get("metadata").is_none() {
        return managers;
    }
    let unknown = Writer {
        name: BEFORE_ANY.to_owned(),
        subresource: "",
        ..change.by.clone()
    };
    let mut all = live.clone();
    let change = Change {
        by: &unknown,
        ..change.clone()
    };
    updated(&Value::Object(Map::new()), &mut all, &change);
    Managers::of(&all)
}

/// Takes away what was applied `last` and nobody owns any more.
fn pruned(merged: &Value, last: &Set, owned: &Set, schema: Schema) -> Value {
    let take = |gone: &Set| without(merged, gone, schema).unwrap_or_default();
    let has = |value: &Value| fields(value, schema).with_named(schema);
    let all = has(merged);
    let last = last.with_named(schema);
    let left = has(&take(&last));
    let left = has(&take(
        &all.difference(&left.union(&owned.with_named(schema))),
    ));
    // What nobody ever applied is not ours to take.
    take(&all.difference(&left).intersection(&last))
}

/// Managers that a client may have edited; who does not know them leaves them as they are.
fn managers_for(live: &Value, new: &Value) -> Managers {
    let of_new = new["metadata"]["managedFields"].as_array();
    let reset = of_new.is_some_and(|entries| {
        let empty = |entry: &Value| entry.as_object().is_some_and(Map::is_empty);
        entries.is_empty() || matches!(entries.as_slice(), [only] if empty(only))
    });
    if reset {
        return Managers::default();
    }
    let found = Managers::of(new);
    if found.all.is_empty() {
        Managers::of(live)
    } else {
        found
    }
}

fn unmanaged(object: &Value) -> Value {
    let mut object = object.clone();
    strip(&mut object);
    object
}

fn strip(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

fn write(object: &mut Value, managers: &Managers) {
    let entries = managers.written();
    if !entries.is_empty() {
        object["metadata"]["managedFields"] = entries.into();
    }
}
