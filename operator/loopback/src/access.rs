//! `kubectl auth can-i`: who reaches this API may do everything that it serves. Pure.

mod protobuf;

use serde_json::{Value, json};

use crate::resource::resources;

/// A review as it is sent: JSON, or what `kubectl` prefers.
pub(crate) fn read(body: &[u8]) -> Result<Value, String> {
    match protobuf::review(body) {
        Some(review) => Ok(review),
        None => serde_json::from_slice(body).map_err(|error| error.to_string()),
    }
}

/// The review with its answer.
pub(crate) fn reviewed(mut review: Value) -> Value {
    let asked = &review["spec"]["resourceAttributes"];
    let text = |field: &str| asked[field].as_str().unwrap_or_default();
    let any = |wanted: &str, known: &str| wanted == "*" || wanted == known;
    let of_kind = resources().any(|kind| {
        any(text("group"), kind.group)
            && any(text("resource"), kind.plural)
            && (text("verb") == "*" || kind.verbs.contains(&text("verb")))
    });
    let allowed = of_kind || review["spec"]["nonResourceAttributes"].is_object();
    let reason = if allowed {
        "this API knows no users: who reaches it may do everything".to_owned()
    } else {
        format!("{} {} is not served", text("verb"), text("resource"))
    };
    review["status"] = json!({"allowed": allowed, "reason": reason});
    review
}

#[test]
fn what_is_served_is_allowed() {
    let ask = |group: &str, resource: &str, verb: &str| {
        let attributes = json!({"group": group, "resource": resource, "verb": verb});
        reviewed(json!({"spec": {"resourceAttributes": attributes}}))["status"]["allowed"] == true
    };
    assert!(ask("", "pods", "delete"));
    assert!(ask("*", "*", "*"));
    assert!(ask("millrace.dev", "kafkatopics", "create"));
    assert!(!ask("apps", "deployments", "create"));
    assert!(!ask("", "pods", "escalate"));
    assert!(ask(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "list"
    ));
    assert!(!ask(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "create"
    ));
}
