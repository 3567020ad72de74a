//! Requests whose parts contradict each other: path and body, patch and object. Pure.

use serde_json::Value;

use crate::json::text;
use crate::refusal::Refusal;
use crate::request::Question;
use crate::store::Part;
use crate::validate::{Mistake, Reason};

/// A new object must be of the kind and in the namespace that the path names.
pub(crate) fn check_new(question: &Question) -> Result<(), Refusal> {
    check_kind(question, &question.body)?;
    check_namespace(question, &question.body)?;
    let metadata = &question.body["metadata"];
    let said = |field: &str| text(&metadata[field]);
    if said("name").is_empty() && said("generateName").is_empty() {
        let detail = "name or generateName is required";
        let mistake = Mistake::bare(Reason::Required, "metadata.name", detail);
        return Err(Refusal::invalid(question.kind, "", vec![mistake]));
    }
    Ok(())
}

/// What replaces an object must be of its kind and name, and some kinds must name the version.
pub(crate) fn check_replaced(question: &Question) -> Result<(), Refusal> {
    if question.part == Part::Scale {
        return Ok(());
    }
    check_kind(question, &question.body)?;
    check_names(question, &question.body)?;
    let version = question.body["metadata"]["resourceVersion"].as_str();
    let must_name = question.kind.is_custom() || must_name_version(question.kind.kind);
    if must_name && version.is_none_or(str::is_empty) {
        let field = "metadata.resourceVersion";
        let detail = "must be specified for an update";
        let mistake = Mistake::showing(Reason::Invalid, field, "0x0", detail);
        return Err(Refusal::invalid(
            question.kind,
            &question.place.name,
            vec![mistake],
        ));
    }
    Ok(())
}

fn must_name_version(kind: &str) -> bool {
    matches!(kind, "PodDisruptionBudget" | "Lease")
}

/// An applied configuration says what it is, and its manager who they are.
pub(crate) fn check_applied(question: &Question) -> Result<(), Refusal> {
    if !question.manager_named {
        let detail = "is required for apply patch";
        return Err(Refusal::InvalidOptions {
            of: "PatchOptions",
            mistakes: vec![Mistake::bare(Reason::Required, "fieldManager", detail)],
        });
    }
    let body = &question.body;
    for field in ["apiVersion", "kind"] {
        if body[field].as_str().is_none_or(str::is_empty) {
            return Err(Refusal::BadRequest(format!(
                "{field} must be set in an apply patch"
            )));
        }
    }
    if question.part == Part::Scale {
        return Ok(());
    }
    let version = question.kind.api_version();
    if body["apiVersion"] != version.as_str() {
        return Err(Refusal::BadRequest(format!(
            "Incorrect version specified in apply patch. Specified patch version: {}, expected: {version}",
            text(&body["apiVersion"])
        )));
    }
    check_kind(question, body)?;
    check_names(question, body)
}

/// A patch does not rename.
pub(crate) fn check_patched(question: &Question, patched: &Value) -> Result<(), Refusal> {
    if question.part == Part::Scale {
        return Ok(());
    }
    check_names(question, patched)
}

fn check_kind(question: &Question, body: &Value) -> Result<(), Refusal> {
    let kind = question.kind;
    let (said_version, said_kind) = (text(&body["apiVersion"]), text(&body["kind"]));
    let version = kind.api_version();
    if !said_version.is_empty() && said_version != version {
        return Err(Refusal::BadRequest(format!(
            "the API version in the data ({said_version}) does not match the expected API version ({version})"
        )));
    }
    if !said_kind.is_empty() && said_kind != kind.kind {
        return Err(Refusal::BadRequest(format!(
            "{said_kind} in version {said_version:?} cannot be handled as a {}",
            kind.kind
        )));
    }
    Ok(())
}

fn check_names(question: &Question, body: &Value) -> Result<(), Refusal> {
    check_namespace(question, body)?;
    let name = text(&body["metadata"]["name"]);
    if !name.is_empty() && name != question.place.name {
        return Err(Refusal::BadRequest(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            question.place.name
        )));
    }
    Ok(())
}

fn check_namespace(question: &Question, body: &Value) -> Result<(), Refusal> {
    let namespace = text(&body["metadata"]["namespace"]);
    if !namespace.is_empty() && namespace != question.place.namespace {
        let why =
            "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::BadRequest(why.to_owned()));
    }
    Ok(())
}

/// A JSON patch that does not fit the object.
pub(crate) fn impossible(question: &Question, why: &str) -> Refusal {
    let mistake = Mistake::bare(Reason::Invalid, "patch", why);
    Refusal::invalid(question.kind, &question.place.name, vec![mistake])
}
