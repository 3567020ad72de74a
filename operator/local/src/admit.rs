//! From what a client sent to what may be stored: its shape, its defaults, and every reason why not.

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::schema::Schema;
use crate::shape::{self, drop_nulls, misfit, prune};
use crate::store::{Part, Place, Terms, Unknown};
use crate::validate::{Mistake, check_custom, check_metadata};
use crate::{defaults, settled};

/// Brings an object into shape: unknown fields and nulls go, defaults come. Returns what to warn of.
pub(crate) fn shape(
    kind: &'static Kind,
    name: &str,
    object: &mut Value,
    terms: &Terms,
) -> Result<Vec<String>, Refusal> {
    if terms.trusted {
        return Ok(Vec::new());
    }
    let warnings = decode(kind, object, terms)?;
    drop_nulls(object, Schema::of(kind));
    set_defaults(kind, object);
    if object["metadata"]["name"] == "" {
        object["metadata"]["name"] = name.into();
    }
    Ok(warnings)
}

/// Brings an applied configuration into shape: it says nothing that its manager did not say.
pub(crate) fn shape_applied(
    kind: &'static Kind,
    place: &Place,
    wanted: &mut Value,
    terms: &Terms,
) -> Result<Vec<String>, Refusal> {
    if !wanted["metadata"].is_object() {
        wanted["metadata"] = json!({});
    }
    if let Some((field, found, expected)) = misfit(wanted, Schema::of(kind)) {
        let (name, version) = (&place.name, kind.api_version());
        return Err(Refusal::Internal(format!(
            "failed to create typed patch object ({}/{name}; {version}, Kind={}): \
             .{field}: expected {expected}, got {found}",
            place.namespace, kind.kind
        )));
    }
    let warnings = decode(kind, wanted, terms)?;
    drop_nulls(wanted, Schema::of(kind));
    Ok(warnings)
}

pub(crate) fn set_defaults(kind: &Kind, object: &mut Value) {
    shape::set_defaults(object, Schema::of(kind));
    defaults::set(kind.kind, object);
}

/// What a new object has that no client gave it.
pub(crate) fn begin(kind: &Kind, object: &mut Value) {
    if kind.kind == "Namespace" {
        object["spec"]["finalizers"] = json!(["kubernetes"]);
        object["status"] = json!({"phase": "Active"});
        object["metadata"]["labels"]["kubernetes.io/metadata.name"] =
            object["metadata"]["name"].clone();
    }
}

/// Every reason why an object cannot be stored as it is.
pub(crate) fn check(
    kind: &'static Kind,
    name: &str,
    new: &Value,
    old: Option<&Value>,
    terms: &Terms,
) -> Result<(), Refusal> {
    if terms.trusted {
        return Ok(());
    }
    let mut mistakes = if terms.part == Part::Status {
        Vec::new()
    } else {
        check_metadata(kind, new)
    };
    if kind.is_custom() {
        mistakes.extend(check_custom(kind, new, old));
    } else if let Some(old) = old.filter(|_| terms.part != Part::Status) {
        mistakes.extend(settled::check(kind, new, old));
    }
    refuse(kind, name, mistakes)
}

fn refuse(kind: &'static Kind, name: &str, mistakes: Vec<Mistake>) -> Result<(), Refusal> {
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(kind, name, mistakes))
}

/// Checks types and drops what nobody declared.
fn decode(kind: &Kind, object: &mut Value, terms: &Terms) -> Result<Vec<String>, Refusal> {
    let schema = Schema::of(kind);
    let unreadable = |why: String| {
        let version = kind.api_version();
        let kind = kind.kind;
        Refusal::BadRequest(format!(
            "{kind} in version {version:?} cannot be handled as a {kind}: {why}"
        ))
    };
    let typed = if kind.is_custom() {
        let metadata = schema.property("metadata").unwrap_or(schema);
        misfit(&object["metadata"], metadata)
            .map(|(field, found, wanted)| (format!("metadata.{field}"), found, wanted))
    } else {
        misfit(object, schema)
    };
    if let Some((field, found, wanted)) = typed {
        let at = format!("{}.{field}", kind.kind);
        return Err(unreadable(format!(
            "json: cannot unmarshal {found} into Go struct field {at} of type {wanted}"
        )));
    }
    let dropped = prune(object, schema);
    let told: Vec<String> = dropped
        .iter()
        .map(|field| format!("unknown field {field:?}"))
        .collect();
    match terms.unknown {
        Unknown::Dropped => Ok(Vec::new()),
        Unknown::Told => Ok(told),
        Unknown::Refused if told.is_empty() => Ok(told),
        Unknown::Refused => Err(unreadable(format!(
            "strict decoding error: {}",
            told.join(", ")
        ))),
    }
}
