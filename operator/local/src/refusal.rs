//! Why a request was refused, as the API server says it.

use serde_json::{Value, json};
use thiserror::Error;

use crate::fields::Conflict;
use crate::kinds::Kind;
use crate::validate::Mistake;

/// What the API server answers instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("{} \"{name}\" not found", .kind.resource())]
    NotFound { kind: &'static Kind, name: String },
    #[error("the server could not find the requested resource: {path}")]
    NotServed { path: String },
    #[error("{} \"{name}\" already exists", .kind.resource())]
    Exists { kind: &'static Kind, name: String },
    #[error("Operation cannot be fulfilled on {} \"{name}\": {why}", .kind.resource())]
    Conflict {
        kind: &'static Kind,
        name: String,
        why: String,
    },
    /// Other managers want other values.
    #[error("{}", contested(.0))]
    Contested(Vec<Conflict>),
    #[error("{}", invalid(.kind, .name, .mistakes))]
    Invalid {
        kind: &'static Kind,
        name: String,
        mistakes: Vec<Mistake>,
    },
    /// Options of a request that do not go together.
    #[error("{of}.meta.k8s.io \"\" is invalid: {}", together(.mistakes))]
    InvalidOptions {
        of: &'static str,
        mistakes: Vec<Mistake>,
    },
    #[error("{} \"{name}\" is forbidden: unable to create new content in namespace {namespace} because it is being terminated", .kind.resource())]
    Terminating {
        kind: &'static Kind,
        name: String,
        namespace: String,
    },
    #[error("too old resource version: {asked} ({oldest})")]
    Expired { asked: u64, oldest: u64 },
    /// A list cannot be continued where it was; this token lists the rest as it is now.
    #[error("The provided continue parameter is too old to display a consistent list result.")]
    ExpiredContinue { token: String },
    #[error("Timeout: Too large resource version: {asked}, current: {newest}")]
    TooLarge { asked: u64, newest: u64 },
    #[error("{0}")]
    BadRequest(String),
    /// What the API server did not foresee.
    #[error("{0}")]
    Internal(String),
    #[error("the server does not allow this method on the requested resource")]
    MethodNotAllowed,
    #[error("the body of the request was in an unknown format - accepted media types include: {0}")]
    UnsupportedMedia(&'static str),
    #[error("the server said {code}, as it was told to")]
    Scripted { code: u16 },
}

impl Refusal {
    pub(crate) fn invalid(kind: &'static Kind, name: &str, mistakes: Vec<Mistake>) -> Self {
        let name = name.to_owned();
        Self::Invalid {
            kind,
            name,
            mistakes,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::NotFound { .. } | Self::NotServed { .. } => 404,
            Self::Exists { .. } | Self::Conflict { .. } | Self::Contested(_) => 409,
            Self::Invalid { .. } | Self::InvalidOptions { .. } => 422,
            Self::Terminating { .. } => 403,
            Self::Expired { .. } | Self::ExpiredContinue { .. } => 410,
            Self::TooLarge { .. } => 504,
            Self::BadRequest(_) => 400,
            Self::Internal(_) => 500,
            Self::MethodNotAllowed => 405,
            Self::UnsupportedMedia(_) => 415,
            Self::Scripted { code } => *code,
        }
    }

    const fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } | Self::NotServed { .. } => "NotFound",
            Self::Exists { .. } => "AlreadyExists",
            Self::Conflict { .. } | Self::Contested(_) => "Conflict",
            Self::Invalid { .. } | Self::InvalidOptions { .. } => "Invalid",
            Self::Terminating { .. } => "Forbidden",
            Self::Expired { .. } | Self::ExpiredContinue { .. } => "Expired",
            Self::TooLarge { .. } => "Timeout",
            Self::BadRequest(_) => "BadRequest",
            Self::Internal(_) => "",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::UnsupportedMedia(_) => "UnsupportedMediaType",
            Self::Scripted { code } => match code {
                409 => "Conflict",
                429 => "TooManyRequests",
                503 => "ServiceUnavailable",
                504 => "Timeout",
                _ => "InternalError",
            },
        }
    }

    /// As a `Status`.
    #[must_use]
    pub fn status(&self) -> Value {
        let mut metadata = json!({});
        if let Self::ExpiredContinue { token } = self {
            metadata["continue"] = token.as_str().into();
        }
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": self.to_string(), "code": self.code(),
        });
        if !self.reason().is_empty() {
            status["reason"] = self.reason().into();
        }
        let details = self.details();
        if !details.is_null() {
            status["details"] = details;
        }
        status
    }

    fn details(&self) -> Value {
        let of = |kind: &Kind, named: &str, name: &str| {
            let mut details = json!({"name": name, "kind": named});
            if !kind.group.is_empty() {
                details["group"] = kind.group.into();
            }
            details
        };
        match self {
            Self::NotFound { kind, name }
            | Self::Exists { kind, name }
            | Self::Conflict { kind, name, .. } => of(kind, kind.plural, name),
            Self::Invalid {
                kind,
                name,
                mistakes,
            } => {
                let mut details = of(kind, kind.kind, name);
                details["causes"] = mistakes.iter().map(Mistake::cause).collect();
                details
            }
            Self::InvalidOptions { of, mistakes } => {
                let causes: Vec<Value> = mistakes.iter().map(Mistake::cause).collect();
                json!({"group": "meta.k8s.io", "kind": of, "causes": causes})
            }
            Self::Contested(conflicts) => {
                let causes = conflicts.iter().map(|conflict| {
                    json!({"reason": "FieldManagerConflict", "field": conflict.field,
                        "message": format!("conflict with {}", conflict.manager)})
                });
                json!({"causes": causes.collect::<Vec<_>>()})
            }
            Self::Terminating {
                kind,
                name,
                namespace,
            } => {
                let mut details = of(kind, kind.plural, name);
                details["causes"] = json!([{"reason": "NamespaceTerminating",
                    "message": format!("namespace {namespace} is being terminated"),
                    "field": "metadata.namespace"}]);
                details
            }
            Self::TooLarge { .. } => json!({"retryAfterSeconds": 1, "causes": [{
                "reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}),
            _ => Value::Null,
        }
    }
}

fn invalid(kind: &Kind, name: &str, mistakes: &[Mistake]) -> String {
    let kind = if kind.group.is_empty() {
        kind.kind.to_owned()
    } else {
        format!("{}.{}", kind.kind, kind.group)
    };
    format!("{kind} {name:?} is invalid: {}", together(mistakes))
}

/// All mistakes in one line, each once.
fn together(mistakes: &[Mistake]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for mistake in mistakes {
        let line = format!("{}: {}", mistake.field, mistake.message);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    match lines.as_slice() {
        [only] => only.clone(),
        lines => format!("[{}]", lines.join(", ")),
    }
}

fn contested(conflicts: &[Conflict]) -> String {
    if let [only] = conflicts {
        return format!(
            "Apply failed with 1 conflict: conflict with {}: {}",
            only.manager, only.field
        );
    }
    let mut managers: Vec<&str> = conflicts.iter().map(|one| one.manager.as_str()).collect();
    managers.sort_unstable();
    managers.dedup();
    let mut lines = Vec::new();
    for manager in managers {
        lines.push(format!("conflicts with {manager}:"));
        let fields = conflicts.iter().filter(|one| one.manager == manager);
        lines.extend(fields.map(|one| format!("- {}", one.field)));
    }
    format!(
        "Apply failed with {} conflicts: {}",
        conflicts.len(),
        lines.join("\n")
    )
}
