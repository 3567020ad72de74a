//! Small readings of objects. Pure.

use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn uid(object: &Value) -> &str {
    text(&object["metadata"]["uid"])
}

/// Namespace and name.
pub(crate) fn place(object: &Value) -> (&str, &str) {
    let metadata = &object["metadata"];
    (text(&metadata["namespace"]), text(&metadata["name"]))
}

/// A time as objects have it.
pub(crate) fn seconds(time: Timestamp) -> Value {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

pub(crate) fn is_going(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some()
}

/// Whether the object has a condition of that type that holds.
pub(crate) fn holds(object: &Value, condition: &str) -> bool {
    items(&object["status"]["conditions"])
        .any(|one| one["type"] == condition && one["status"] == "True")
}

/// A reference to the owner of an object.
pub(crate) fn owner(of: &Value, controller: bool) -> Value {
    let mut owner = json!({"apiVersion": of["apiVersion"], "kind": of["kind"],
        "name": of["metadata"]["name"], "uid": of["metadata"]["uid"]});
    if controller {
        owner["controller"] = true.into();
        owner["blockOwnerDeletion"] = true.into();
    }
    owner
}

pub(crate) fn is_owned_by(object: &Value, owner: &Value) -> bool {
    items(&object["metadata"]["ownerReferences"]).any(|one| one["uid"] == owner["metadata"]["uid"])
}

/// Whether labels are those that a selector asks for.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object();
    wanted.is_some_and(|wanted| {
        wanted
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
    })
}
