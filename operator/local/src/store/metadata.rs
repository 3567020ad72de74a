//! What the API server keeps to itself in an object's metadata, and what it checks there.

use serde_json::Value;

use crate::refusal::Refusal;

/// Fields that no client changes.
const OF_THE_SERVER: &[&str] = &[
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
];

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn owner_uids(object: &Value) -> Vec<String> {
    let references = object["metadata"]["ownerReferences"].as_array();
    let references = references.into_iter().flatten();
    references
        .map(|reference| text(&reference["uid"]).to_owned())
        .collect()
}

/// Empty maps and lists are stored as none.
pub(crate) fn tidy(metadata: &mut Value) {
    let Some(fields) = metadata.as_object_mut() else {
        return;
    };
    fields.retain(|_, value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    });
}

/// A uid or a version that is named must be the object's.
pub(crate) fn check_preconditions(
    kind: &str,
    name: &str,
    named: &Value,
    old: &Value,
) -> Result<(), Refusal> {
    for field in ["uid", "resourceVersion"] {
        let (wanted, found) = (text(&named[field]), text(&old["metadata"][field]));
        if !wanted.is_empty() && wanted != found {
            return Err(Refusal::Conflict {
                kind: kind.to_owned(),
                name: name.to_owned(),
                why: format!("{field} is {found}, not {wanted}"),
            });
        }
    }
    Ok(())
}

/// Puts back what a client must not change, and refuses new finalizers on what is going.
pub(crate) fn keep_what_is_the_servers(
    kind: &str,
    name: &str,
    old: &Value,
    new: &mut Value,
) -> Result<(), Refusal> {
    new["apiVersion"] = old["apiVersion"].clone();
    new["kind"] = old["kind"].clone();
    let metadata = &mut new["metadata"];
    for &field in OF_THE_SERVER {
        metadata[field] = old["metadata"][field].clone();
    }
    tidy(metadata);
    let finalizers = |object: &Value| {
        let all = object["metadata"]["finalizers"].as_array();
        all.cloned().unwrap_or_default()
    };
    let known = finalizers(old);
    let added = finalizers(new).iter().any(|one| !known.contains(one));
    if added && old["metadata"].get("deletionTimestamp").is_some() {
        return Err(Refusal::Invalid {
            kind: kind.to_owned(),
            name: name.to_owned(),
            why: "no new finalizers can be added if the object is being deleted".to_owned(),
        });
    }
    Ok(())
}
