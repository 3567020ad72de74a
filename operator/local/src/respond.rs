//! Answers questions from the store. Watches are answered elsewhere. Pure.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::request::{PatchKind, Question};
use crate::script::Verb;
use crate::store::Store;

/// The answer's code and body.
pub(crate) fn respond(
    store: &mut Store,
    question: &Question,
    now: Timestamp,
) -> Result<(u16, Value), Refusal> {
    let (kind, place) = (question.kind, &question.place);
    let (code, object) = match question.verb {
        Verb::List | Verb::Watch => return Ok((200, list(store, question))),
        Verb::Get => (200, store.get(place)?),
        Verb::Create => {
            let object = question.body.clone();
            if place.name.is_empty() {
                return Err(Refusal::BadRequest("metadata.name is missing".to_owned()));
            }
            (201, store.create(kind, place, object, now)?)
        }
        Verb::Replace => {
            let object = question.body.clone();
            (
                200,
                store.update(kind, place, question.part, |_| Ok(object))?,
            )
        }
        Verb::Patch => (200, patch(store, question, now)?),
        Verb::Delete => match store.delete(kind, place, &question.body, now)? {
            Some(object) => (200, object),
            None => return Ok((200, gone(question))),
        },
    };
    Ok((code, shown(&object, question.metadata_only)))
}

fn patch(store: &mut Store, question: &Question, now: Timestamp) -> Result<Arc<Value>, Refusal> {
    let (kind, place, part) = (question.kind, &question.place, question.part);
    match question.patch {
        PatchKind::Merge => store.update(kind, place, part, |old| {
            let mut new = old.clone();
            json_patch::merge(&mut new, &question.body);
            Ok(new)
        }),
        PatchKind::Json => store.update(kind, place, part, |old| changed(old, question)),
        PatchKind::Apply => {
            let manager = question.manager.as_deref().unwrap_or_default();
            if manager.is_empty() {
                let text = "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value";
                return Err(Refusal::BadRequest(text.to_owned()));
            }
            store.apply(kind, place, manager, part, &question.body, now)
        }
    }
}

/// A JSON patch as one of the whole or of the status.
fn changed(old: &Value, question: &Question) -> Result<Value, Refusal> {
    let invalid = |why: String| Refusal::Invalid {
        kind: question.kind.kind.to_owned(),
        name: question.place.name.clone(),
        why,
    };
    let patch: json_patch::Patch = serde_json::from_value(question.body.clone())
        .map_err(|error| Refusal::BadRequest(error.to_string()))?;
    let mut new = old.clone();
    json_patch::patch(&mut new, &patch).map_err(|error| invalid(error.to_string()))?;
    Ok(new)
}

fn list(store: &Store, question: &Question) -> Value {
    let kind = question.kind;
    let page = store.list(
        kind,
        &question.selection,
        question.after.as_ref(),
        question.limit,
    );
    let items: Vec<Value> = page
        .items
        .iter()
        .map(|object| shown(object, question.metadata_only))
        .collect();
    let mut metadata = json!({"resourceVersion": page.revision.to_string()});
    if let Some((namespace, name)) = page.last {
        metadata["continue"] = format!("{namespace}/{name}").into();
    }
    let (version, name) = if question.metadata_only {
        (
            "meta.k8s.io/v1".to_owned(),
            "PartialObjectMetadataList".to_owned(),
        )
    } else {
        (kind.api_version(), format!("{}List", kind.kind))
    };
    json!({"apiVersion": version, "kind": name, "metadata": metadata, "items": items})
}

fn gone(question: &Question) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": question.place.name, "kind": question.kind.plural}})
}

/// The object, or only its metadata where no more was asked for.
pub(crate) fn shown(object: &Value, metadata_only: bool) -> Value {
    if !metadata_only {
        return object.clone();
    }
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]})
}
