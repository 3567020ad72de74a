//! Answers questions from the store. Watches are answered elsewhere. Pure.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::body::{Body, List};
use crate::fields::Writer;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::request::{PatchKind, Question};
use crate::schema::Schema;
use crate::script::Verb;
use crate::store::{Asking, Deletion, Outcome, Part, Place, Propagation, Store, Terms};
use crate::views;
use crate::{dispute, strategic};

/// Kinds whose deletion answers with the object.
const SHOWN_WHEN_GONE: &[&str] = &[
    "Pod",
    "Service",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "PersistentVolume",
];

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) body: Body,
    /// What to tell whoever asked besides.
    pub(crate) warnings: Vec<String>,
}

impl Reply {
    const fn new(code: u16, document: Value) -> Self {
        Self {
            code,
            body: Body::Document(document),
            warnings: Vec::new(),
        }
    }
}

pub(crate) fn respond(
    store: &mut Store,
    question: &Question,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let (kind, place) = (question.kind, &question.place);
    let terms = terms(question, now);
    let outcome = match question.verb {
        Verb::List | Verb::Watch => return list(store, question),
        Verb::Delete => return delete(store, question, now),
        Verb::DeleteAll => return delete_all(store, question, now),
        Verb::Get => {
            let object = store.get(place)?;
            return Ok(Reply::new(200, part_of(question, &object)));
        }
        Verb::Create => {
            dispute::check_new(question)?;
            let object = views::stored(kind, question.body.clone());
            store.create(stored_kind(kind), place, object, &terms)?
        }
        Verb::Replace => {
            dispute::check_replaced(question)?;
            store.update(stored_kind(kind), place, &terms, |old| {
                replaced(old, question)
            })?
        }
        Verb::Patch => patch(store, question, &terms)?,
    };
    Ok(told(question, outcome))
}

fn told(question: &Question, outcome: Outcome) -> Reply {
    Reply {
        code: if outcome.created { 201 } else { 200 },
        body: Body::Document(part_of(question, &outcome.object)),
        warnings: outcome.warnings,
    }
}

fn terms(question: &Question, now: Timestamp) -> Terms {
    let subresource = match question.part {
        Part::Status => "status",
        Part::Scale => "scale",
        Part::Main | Part::Whole => "",
    };
    Terms {
        by: Writer {
            name: question.manager.clone(),
            api_version: stored_kind(question.kind).api_version(),
            subresource,
        },
        part: question.part,
        now,
        dry_run: question.dry_run,
        unknown: question.unknown,
        trusted: false,
    }
}

/// The kind that objects of this one are stored as.
fn stored_kind(kind: &'static Kind) -> &'static Kind {
    Kind::named(kind.kind).unwrap_or(kind)
}

fn replaced(old: &Value, question: &Question) -> Result<Value, Refusal> {
    match (question.part, question.kind.scale) {
        (Part::Scale, Some(at)) => Ok(views::scaled(old, &question.body, at)),
        _ => Ok(views::stored(question.kind, question.body.clone())),
    }
}

fn patch(store: &mut Store, question: &Question, terms: &Terms) -> Result<Outcome, Refusal> {
    let (kind, place) = (stored_kind(question.kind), &question.place);
    if let PatchKind::Apply { force } = question.patch {
        dispute::check_applied(question)?;
        let wanted = match (question.part, kind.scale) {
            (Part::Scale, Some(at)) => {
                let mut alone = views::scale_alone(&question.body, at);
                alone["apiVersion"] = kind.api_version().into();
                alone["kind"] = kind.kind.into();
                alone
            }
            _ => views::stored(question.kind, question.body.clone()),
        };
        return store.apply(kind, place, wanted, force, terms);
    }
    store.update(kind, place, terms, |old| {
        let seen = match (question.part, kind.scale) {
            (Part::Scale, Some(at)) => Cow::Owned(views::scale(old, at)),
            _ => views::shown(question.kind, old),
        };
        let patched = patched(&seen, question)?;
        dispute::check_patched(question, &patched)?;
        Ok(match (question.part, kind.scale) {
            (Part::Scale, Some(at)) => views::scaled(old, &patched, at),
            _ => views::stored(question.kind, patched),
        })
    })
}

fn patched(seen: &Value, question: &Question) -> Result<Value, Refusal> {
    match question.patch {
        PatchKind::Merge | PatchKind::Apply { .. } => {
            let mut new = seen.clone();
            json_patch::merge(&mut new, &question.body);
            Ok(new)
        }
        PatchKind::Strategic => {
            let schema = Schema::of(question.kind);
            strategic::patch(seen, &question.body, schema).map_err(Refusal::BadRequest)
        }
        PatchKind::Json => {
            let patch: json_patch::Patch = serde_json::from_value(question.body.clone())
                .map_err(|error| Refusal::BadRequest(error.to_string()))?;
            let mut new = seen.clone();
            json_patch::patch(&mut new, &patch)
                .map_err(|error| dispute::impossible(question, &error.to_string()))?;
            Ok(new)
        }
    }
}

fn list(store: &Store, question: &Question) -> Result<Reply, Refusal> {
    let page = store.list(stored_kind(question.kind), &question.asking)?;
    let mut metadata = json!({"resourceVersion": page.revision.to_string()});
    if let Some(token) = page.token {
        metadata["continue"] = token.into();
    }
    if let Some(remaining) = page.remaining {
        metadata["remainingItemCount"] = remaining.into();
    }
    Ok(Reply {
        code: 200,
        body: Body::List(List {
            kind: question.kind,
            metadata,
            items: page.items,
            metadata_only: question.metadata_only,
        }),
        warnings: Vec::new(),
    })
}

fn delete(store: &mut Store, question: &Question, now: Timestamp) -> Result<Reply, Refusal> {
    let (kind, place) = (question.kind, &question.place);
    let deleted = store.delete(place, &deletion(question, now)?)?;
    if !deleted.gone || SHOWN_WHEN_GONE.contains(&kind.kind) {
        return Ok(Reply::new(200, part_of(question, &deleted.object)));
    }
    let mut details = json!({"name": place.name, "kind": kind.plural,
        "uid": deleted.object["metadata"]["uid"]});
    if !kind.group.is_empty() {
        details["group"] = kind.group.into();
    }
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": details});
    Ok(Reply::new(200, status))
}

fn delete_all(store: &mut Store, question: &Question, now: Timestamp) -> Result<Reply, Refusal> {
    let deletion = deletion(question, now)?;
    let asking = Asking {
        limit: None,
        ..question.asking.clone()
    };
    let listed = list(store, question)?;
    let page = store.list(stored_kind(question.kind), &asking)?;
    for object in page.items {
        let place = Place::said_by(question.kind, &object);
        // What went with another in the meantime is gone.
        let _gone = store.delete(&place, &deletion);
    }
    Ok(listed)
}

fn deletion(question: &Question, now: Timestamp) -> Result<Deletion, Refusal> {
    let options = &question.body;
    let propagation = match options["propagationPolicy"].as_str() {
        None if options["orphanDependents"] == true => Some(Propagation::Orphan),
        None => None,
        Some("Background") => Some(Propagation::Background),
        Some("Foreground") => Some(Propagation::Foreground),
        Some("Orphan") => Some(Propagation::Orphan),
        Some(other) => {
            return Err(Refusal::BadRequest(format!(
                "propagationPolicy: Unsupported value: {other:?}: supported values: \
                 \"Background\", \"Foreground\", \"Orphan\""
            )));
        }
    };
    Ok(Deletion {
        propagation,
        grace: options["gracePeriodSeconds"].as_i64(),
        preconditions: options["preconditions"].clone(),
        dry_run: question.dry_run,
        now,
    })
}

/// What of an object was asked for.
fn part_of(question: &Question, object: &Arc<Value>) -> Value {
    match (question.part, question.kind.scale) {
        (Part::Scale, Some(at)) => views::scale(object, at),
        _ => views::asked(question.kind, object, question.metadata_only).into_owned(),
    }
}
