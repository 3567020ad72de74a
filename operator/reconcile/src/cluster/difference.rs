//! Whether an object is as it was rendered. What the API server or others added beside our fields
//! does not count; what they changed in them does. Pure.

use std::hash::Hasher;

use serde_json::Value;
use siphasher::sip::SipHasher13;

/// Names the rendering that an object was last applied from, so that what is no longer rendered is
/// taken away even if the operator was not there when that changed.
const RENDERED: &str = "millrace.dev/rendered";

/// Marks a rendered object with its own fingerprint.
pub(crate) fn mark(wanted: &mut Value) {
    let mark = format!("{:016x}", fingerprint(wanted));
    wanted["metadata"]["annotations"][RENDERED] = Value::String(mark);
}

/// Whether every field of `wanted` is in `live` with the same value.
pub(crate) fn covers(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            match live.get(name) {
                Some(live) => covers(live, wanted),
                // An empty list or map is stored as none.
                None => is_empty(wanted),
            }
        }),
        (Value::Array(live), Value::Array(wanted)) => list_covers(live, wanted),
        (live, wanted) => live == wanted,
    }
}

/// Lists of named things, such as containers, may have grown by others' additions; all other lists
/// are ours as a whole.
fn list_covers(live: &[Value], wanted: &[Value]) -> bool {
    if wanted.iter().all(|item| name_of(item).is_some()) && !wanted.is_empty() {
        return wanted.iter().all(|wanted| {
            live.iter()
                .find(|live| name_of(live) == name_of(wanted))
                .is_some_and(|live| covers(live, wanted))
        });
    }
    live.len() == wanted.len()
        && live
            .iter()
            .zip(wanted)
            .all(|(live, wanted)| covers(live, wanted))
}

fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A fingerprint of what an object asks for: without status and without what the API server counts.
pub(crate) fn fingerprint(object: &Value) -> u64 {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for counted in ["resourceVersion", "generation", "managedFields"] {
            metadata.remove(counted);
        }
    }
    let mut hasher = SipHasher13::new();
    hasher.write(object.to_string().as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_add_does_not_count_and_what_they_change_does() {
        let wanted = json!({"spec": {"replicas": 1, "containers": [{"name": "broker", "image": "a"}],
            "args": ["x", "y"], "tolerations": []}});
        let cases = [
            (wanted.clone(), true),
            (
                json!({"spec": {"replicas": 1, "defaulted": true, "args": ["x", "y"],
                "containers": [{"name": "sidecar"}, {"name": "broker", "image": "a", "tty": false}]}}),
                true,
            ),
            (
                json!({"spec": {"replicas": 2, "containers": [{"name": "broker", "image": "a"}], "args": ["x", "y"]}}),
                false,
            ),
            (
                json!({"spec": {"replicas": 1, "containers": [{"name": "broker", "image": "b"}], "args": ["x", "y"]}}),
                false,
            ),
            (
                json!({"spec": {"replicas": 1, "containers": [], "args": ["x", "y"]}}),
                false,
            ),
            (
                json!({"spec": {"replicas": 1, "containers": [{"name": "broker", "image": "a"}], "args": ["y", "x"]}}),
                false,
            ),
            (
                json!({"spec": {"replicas": 1, "containers": [{"name": "broker", "image": "a"}], "args": ["x"]}}),
                false,
            ),
        ];
        for (live, expected) in cases {
            assert_eq!(covers(&live, &wanted), expected, "{live}");
        }
    }

    #[test]
    fn what_is_no_longer_rendered_is_a_difference() {
        let mut before = json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}});
        let mut after = json!({"metadata": {"name": "a"}, "data": {"x": "1"}});
        mark(&mut before);
        mark(&mut after);
        assert!(covers(&before, &before));
        assert!(!covers(&before, &after));
    }

    #[test]
    fn a_fingerprint_is_of_what_is_asked_for() {
        let object = |version: &str, status: i32, replicas: i32| {
            fingerprint(
                &json!({"metadata": {"name": "a", "resourceVersion": version},
                "spec": {"replicas": replicas}, "status": {"ready": status}}),
            )
        };
        assert_eq!(object("1", 0, 3), object("2", 1, 3));
        assert_ne!(object("1", 0, 3), object("1", 0, 4));
    }
}
