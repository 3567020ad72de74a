//! An HTTP request as a question about objects. Pure.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use serde_json::Value;

use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::script::{Asked, Verb};
use crate::selector::{Selection, parse};
use crate::store::{Part, Place};

/// Watches that do not say how long they last.
const WATCH_DEFAULT: Duration = Duration::from_secs(1_800);

/// How a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchKind {
    Merge,
    Json,
    Apply,
}

/// A question, with everything that stands in path, query and headers.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) verb: Verb,
    pub(crate) kind: &'static Kind,
    pub(crate) place: Place,
    pub(crate) part: Part,
    pub(crate) selection: Selection,
    pub(crate) limit: Option<usize>,
    pub(crate) after: Option<(String, String)>,
    pub(crate) revision: Option<u64>,
    pub(crate) lasts: Duration,
    pub(crate) bookmarks: bool,
    pub(crate) initial_events: bool,
    pub(crate) manager: Option<String>,
    pub(crate) patch: PatchKind,
    pub(crate) metadata_only: bool,
    pub(crate) body: Value,
}

struct Path<'a> {
    kind: &'static Kind,
    namespace: &'a str,
    name: &'a str,
    subresource: &'a str,
}

impl Question {
    pub(crate) fn read(parts: &Parts, body: &Bytes) -> Result<Self, Refusal> {
        let path = path(parts.uri.path())?;
        let query = parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let flag = |name: &str| query.get(name).is_some_and(|value| value == "true");
        let number = |name: &str| query.get(name).and_then(|value| value.parse::<u64>().ok());
        let verb = verb(&parts.method, !path.name.is_empty(), flag("watch"))?;
        let part = match path.subresource {
            "" => Part::Main,
            "status" if path.kind.has_status => Part::Status,
            _ => return Err(not_served(parts.uri.path())),
        };
        let labels = query.get("labelSelector").map(|text| parse(text));
        let selection = Selection {
            namespace: (!path.namespace.is_empty()).then(|| path.namespace.to_owned()),
            labels: labels.transpose()?.unwrap_or_default(),
            name: query
                .get("fieldSelector")
                .map(|text| name_field(text))
                .transpose()?,
        };
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(body).map_err(|error| Refusal::BadRequest(error.to_string()))?
        };
        let name = match verb {
            Verb::Create => body["metadata"]["name"].as_str().unwrap_or_default(),
            _ => path.name,
        };
        Ok(Self {
            verb,
            place: Place::new(path.kind, path.namespace, name),
            kind: path.kind,
            part,
            selection,
            limit: number("limit").and_then(|limit| usize::try_from(limit).ok()),
            after: query.get("continue").and_then(|token| {
                let (namespace, name) = token.split_once('/')?;
                Some((namespace.to_owned(), name.to_owned()))
            }),
            revision: number("resourceVersion").filter(|revision| *revision > 0),
            lasts: number("timeoutSeconds").map_or(WATCH_DEFAULT, Duration::from_secs),
            bookmarks: flag("allowWatchBookmarks"),
            initial_events: flag("sendInitialEvents"),
            manager: query.get("fieldManager").cloned(),
            patch: patch_kind(verb, &parts.headers)?,
            metadata_only: header(&parts.headers, header::ACCEPT)
                .contains("as=PartialObjectMetadata"),
            body,
        })
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked {
            verb: self.verb,
            kind: self.kind.kind,
            namespace: self.place.namespace.clone(),
            name: self.place.name.clone(),
            status: self.part == Part::Status,
            manager: self.manager.clone(),
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
        _ => return Err(Refusal::MethodNotAllowed),
    })
}

fn path(text: &str) -> Result<Path<'_>, Refusal> {
    let mut segments = text.trim_matches('/').split('/').peekable();
    let mut next = || segments.next().unwrap_or_default();
    let (group, version) = match next() {
        "api" => ("", next()),
        "apis" => (next(), next()),
        _ => return Err(not_served(text)),
    };
    let first = next();
    let (namespace, plural, name) = if first == "namespaces" {
        match (next(), next()) {
            (name, "" | "status") => ("", "namespaces", name),
            (namespace, plural) => (namespace, plural, next()),
        }
    } else {
        ("", first, next())
    };
    let kind = Kind::of_path(group, version, plural).ok_or_else(|| not_served(text))?;
    Ok(Path {
        kind,
        namespace,
        name,
        subresource: next(),
    })
}

fn not_served(path: &str) -> Refusal {
    Refusal::NotServed {
        path: path.to_owned(),
    }
}

fn name_field(text: &str) -> Result<String, Refusal> {
    let name = text.strip_prefix("metadata.name=").map(str::to_owned);
    name.ok_or_else(|| Refusal::BadRequest(format!("field label not supported: {text}")))
}

fn header(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn patch_kind(verb: Verb, headers: &HeaderMap) -> Result<PatchKind, Refusal> {
    if verb != Verb::Patch {
        return Ok(PatchKind::Merge);
    }
    match header(headers, header::CONTENT_TYPE) {
        "application/merge-patch+json" => Ok(PatchKind::Merge),
        "application/json-patch+json" => Ok(PatchKind::Json),
        "application/apply-patch+yaml" => Ok(PatchKind::Apply),
        other => Err(Refusal::BadRequest(format!(
            "patches of type {other} are not served"
        ))),
    }
}
