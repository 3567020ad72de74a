//! What sets two states of an object apart.

use serde_json::Value;

/// Whether nothing differs but when who wrote it.
pub(crate) fn is_same(old: &Value, new: &Value) -> bool {
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

/// Whether anything but metadata and status differs.
pub(crate) fn asks_for_other(old: &Value, new: &Value) -> bool {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return false;
    };
    let is_spec = |name: &&String| *name != "metadata" && *name != "status";
    let mut names = old.keys().chain(new.keys()).filter(is_spec);
    names.any(|name| old.get(name) != new.get(name))
}

/// Whether two objects are the same but for one field.
fn same_but(old: &Value, new: &Value, field: &str) -> bool {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return old == new;
    };
    let mut names = old.keys().chain(new.keys()).filter(|name| *name != field);
    names.all(|name| old.get(name) == new.get(name))
}
