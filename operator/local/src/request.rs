//! An HTTP request as a question about objects. Pure.

mod path;
mod query;

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::script::{Asked, Verb};
use crate::selector::{Selection, fields, labels};
use crate::store::{Asking, Part, Place, Unknown};
use path::Path;
use query::Query;

/// Watches that do not say how long they last.
const WATCH_DEFAULT: Duration = Duration::from_secs(1_800);

/// What patches may be made of.
const PATCHES: &str = "application/json-patch+json, application/merge-patch+json, \
    application/strategic-merge-patch+json, application/apply-patch+yaml";
const PATCHES_OF_CUSTOM: &str =
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
const BODIES: &str = "application/json, application/yaml";

/// How a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchKind {
    Merge,
    Json,
    Strategic,
    Apply { force: bool },
}

/// What a watch wants besides changes.
#[derive(Clone, Debug)]
pub(crate) struct Watching {
    /// After this version; `None`: from what is there now.
    pub(crate) after: Option<u64>,
    pub(crate) lasts: Duration,
    pub(crate) bookmarks: bool,
    /// What is there is sent first, and its end is told.
    pub(crate) initial_events: bool,
}

/// A question, with everything that stands in path, query and headers.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) verb: Verb,
    pub(crate) kind: &'static Kind,
    pub(crate) place: Place,
    pub(crate) part: Part,
    pub(crate) asking: Asking,
    pub(crate) watching: Watching,
    /// Who writes.
    pub(crate) manager: String,
    /// Whether they said so themselves.
    pub(crate) manager_named: bool,
    pub(crate) dry_run: bool,
    pub(crate) unknown: Unknown,
    pub(crate) patch: PatchKind,
    pub(crate) metadata_only: bool,
    pub(crate) body: Value,
}

impl Question {
    pub(crate) fn read(parts: &Parts, body: &Bytes) -> Result<Self, Refusal> {
        let path = Path::read(parts.uri.path())?;
        let query = Query::read(parts.uri.query().unwrap_or_default());
        let kind = path.kind;
        let watches = query.flag("watch");
        let mut verb = verb(&parts.method, !path.name.is_empty(), watches)?;
        if path.watches && verb == Verb::List {
            verb = Verb::Watch;
        }
        if path.part != Part::Main && matches!(verb, Verb::Create | Verb::Delete) {
            return Err(Refusal::MethodNotAllowed);
        }
        let patch = patch_kind(verb, kind, &parts.headers, &query)?;
        let body = self::body(verb, &parts.headers, body)?;
        let name = match verb {
            Verb::Create => text(&body["metadata"]["name"]),
            _ => path.name,
        };
        let place = Place::new(kind, path.namespace, name);
        let manager = query.text("fieldManager").map(str::to_owned);
        let manager_named = manager.is_some();
        let dry_run = query.dry_run(&body)?;
        Ok(Self {
            verb,
            place,
            kind,
            part: path.part,
            asking: asking(&path, &query, verb)?,
            watching: watching(&query)?,
            manager: manager.unwrap_or_else(|| client_name(&parts.headers)),
            manager_named,
            dry_run,
            unknown: query.unknown()?,
            patch,
            metadata_only: header(&parts.headers, header::ACCEPT)
                .contains("as=PartialObjectMetadata"),
            body: query.with_delete_options(verb, body),
        })
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked {
            verb: self.verb,
            kind: self.kind.kind,
            namespace: self.place.namespace.clone(),
            name: self.place.name.clone(),
            status: self.part == Part::Status,
            manager: self.manager_named.then(|| self.manager.clone()),
        }
    }
}

fn verb(method: &Method, named: bool, watches: bool) -> Result<Verb, Refusal> {
    Ok(match (method.as_str(), named) {
        ("GET", false) if watches => Verb::Watch,
        ("GET", false) => Verb::List,
        ("GET", true) => Verb::Get,
        ("POST", false) => Verb::Create,
        ("PUT", true) => Verb::Replace,
        ("PATCH", true) => Verb::Patch,
        ("DELETE", true) => Verb::Delete,
        ("DELETE", false) => Verb::DeleteAll,
        _ => return Err(Refusal::MethodNotAllowed),
    })
}

fn asking(path: &Path<'_>, query: &Query, verb: Verb) -> Result<Asking, Refusal> {
    let labels = query.text("labelSelector").map(labels).transpose()?;
    let fields = query
        .text("fieldSelector")
        .map(|text| fields(text, path.kind));
    let selection = Selection {
        namespace: (!path.namespace.is_empty()).then(|| path.namespace.to_owned()),
        labels: labels.unwrap_or_default(),
        fields: fields.transpose()?.unwrap_or_default(),
    };
    let lists = matches!(verb, Verb::List | Verb::DeleteAll);
    Ok(Asking {
        selection,
        limit: query
            .number("limit")
            .and_then(|limit| usize::try_from(limit).ok()),
        revision: if lists { query.matching()? } else { None },
        token: query.text("continue").map(str::to_owned),
    })
}

fn watching(query: &Query) -> Result<Watching, Refusal> {
    let revision = query.revision()?;
    Ok(Watching {
        after: revision.filter(|revision| *revision > 0),
        lasts: query
            .number("timeoutSeconds")
            .map_or(WATCH_DEFAULT, Duration::from_secs),
        bookmarks: query.flag("allowWatchBookmarks"),
        initial_events: query.initial_events()?,
    })
}

fn body(verb: Verb, headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let media = media(headers);
    if verb != Verb::Patch && !matches!(media, "" | "application/json" | "application/yaml") {
        return Err(Refusal::UnsupportedMedia(BODIES));
    }
    let value: Value = if media.ends_with("yaml") {
        let text = std::str::from_utf8(body).unwrap_or_default();
        serde_yaml::from_str(text).map_err(|error| Refusal::BadRequest(error.to_string()))?
    } else {
        serde_json::from_slice(body).map_err(|error| Refusal::BadRequest(error.to_string()))?
    };
    if value.is_object() || value.is_array() {
        return Ok(value);
    }
    let why = "the body is neither an object nor a list";
    Err(Refusal::BadRequest(why.to_owned()))
}

fn header(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn media(headers: &HeaderMap) -> &str {
    let media = header(headers, header::CONTENT_TYPE);
    media.split(';').next().unwrap_or_default().trim()
}

/// What a client calls itself.
fn client_name(headers: &HeaderMap) -> String {
    let agent = header(headers, header::USER_AGENT);
    let name = agent.split('/').next().unwrap_or_default();
    if name.is_empty() { "unknown" } else { name }.to_owned()
}

fn patch_kind(
    verb: Verb,
    kind: &Kind,
    headers: &HeaderMap,
    query: &Query,
) -> Result<PatchKind, Refusal> {
    if verb != Verb::Patch {
        return Ok(PatchKind::Merge);
    }
    let served = if kind.is_custom() {
        PATCHES_OF_CUSTOM
    } else {
        PATCHES
    };
    match media(headers) {
        "application/merge-patch+json" => Ok(PatchKind::Merge),
        "application/json-patch+json" => Ok(PatchKind::Json),
        "application/strategic-merge-patch+json" if !kind.is_custom() => Ok(PatchKind::Strategic),
        "application/apply-patch+yaml" => Ok(PatchKind::Apply {
            force: query.flag("force"),
        }),
        _ => Err(Refusal::UnsupportedMedia(served)),
    }
}
