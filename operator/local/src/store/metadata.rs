//! What the API server keeps to itself in an object's metadata, and what it checks there.

use serde_json::Value;

use crate::json::text;
use crate::refusal::Refusal;
use crate::shape::tidy;
use crate::store::place::Place;
use crate::validate::{Mistake, Reason};

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
    "selfLink",
];

pub(crate) fn owner_uids(object: &Value) -> Vec<String> {
    let references = object["metadata"]["ownerReferences"].as_array();
    let references = references.into_iter().flatten();
    references
        .map(|reference| text(&reference["uid"]).to_owned())
        .collect()
}

pub(crate) fn is_going(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some()
}

pub(crate) fn finalizers(object: &Value) -> Vec<String> {
    let all = object["metadata"]["finalizers"].as_array();
    let all = all.into_iter().flatten();
    all.map(|one| text(one).to_owned()).collect()
}

/// Takes away what a client has no say in when it creates.
pub(crate) fn clear(metadata: &mut Value) {
    if let Some(fields) = metadata.as_object_mut() {
        for field in OF_THE_SERVER {
            fields.remove(*field);
        }
    }
}

/// A uid or a version that is named must be the object's.
pub(crate) fn check_preconditions(
    place: &Place,
    named: &Value,
    old: &Value,
    stale: impl Fn(&str, &str) -> String,
) -> Result<(), Refusal> {
    let conflict = |why: String| Refusal::Conflict {
        kind: place.of(),
        name: place.name.clone(),
        why,
    };
    let of = |field: &str| (text(&named[field]), text(&old["metadata"][field]));
    let (wanted, found) = of("uid");
    if !wanted.is_empty() && wanted != found {
        let why = format!(
            "Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
        );
        return Err(conflict(why));
    }
    let (wanted, found) = of("resourceVersion");
    if !wanted.is_empty() && wanted != found {
        return Err(conflict(stale(wanted, found)));
    }
    Ok(())
}

/// Why a write that names an older version is refused.
pub(crate) fn modified(_: &str, _: &str) -> String {
    "the object has been modified; please apply your changes to the latest version and try again"
        .to_owned()
}

/// Why a deletion that names an older version is refused.
pub(crate) fn failed(wanted: &str, found: &str) -> String {
    format!(
        "Precondition failed: ResourceVersion in precondition: {wanted}, \
         ResourceVersion in object meta: {found}"
    )
}

/// Puts back what a client must not change, and refuses new finalizers on what is going.
pub(crate) fn keep_what_is_the_servers(
    place: &Place,
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
    let known = finalizers(old);
    let added: Vec<String> = finalizers(new)
        .into_iter()
        .filter(|one| !known.contains(one))
        .collect();
    if !added.is_empty() && is_going(old) {
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers {added:?}"
        );
        let mistake = Mistake::bare(Reason::Forbidden, "metadata.finalizers", &detail);
        return Err(Refusal::invalid(place.of(), &place.name, vec![mistake]));
    }
    Ok(())
}
