//! Why a request was refused, as the API server says it.

use serde_json::{Value, json};
use thiserror::Error;

/// What the API server answers instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("{kind} \"{name}\" not found")]
    NotFound { kind: String, name: String },
    #[error("the server could not find the requested resource: {path}")]
    NotServed { path: String },
    #[error("{kind} \"{name}\" already exists")]
    Exists { kind: String, name: String },
    #[error("Operation cannot be fulfilled on {kind} \"{name}\": {why}")]
    Conflict {
        kind: String,
        name: String,
        why: String,
    },
    #[error("{kind} \"{name}\" is invalid: {why}")]
    Invalid {
        kind: String,
        name: String,
        why: String,
    },
    #[error("too old resource version: {asked} ({oldest})")]
    Expired { asked: u64, oldest: u64 },
    #[error("{0}")]
    BadRequest(String),
    #[error("the server does not allow this method on the requested resource")]
    MethodNotAllowed,
    #[error("the server said {code}, as it was told to")]
    Scripted { code: u16 },
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::NotFound { .. } | Self::NotServed { .. } => 404,
            Self::Exists { .. } | Self::Conflict { .. } => 409,
            Self::Invalid { .. } => 422,
            Self::Expired { .. } => 410,
            Self::BadRequest(_) => 400,
            Self::MethodNotAllowed => 405,
            Self::Scripted { code } => *code,
        }
    }

    const fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } | Self::NotServed { .. } => "NotFound",
            Self::Exists { .. } => "AlreadyExists",
            Self::Conflict { .. } => "Conflict",
            Self::Invalid { .. } => "Invalid",
            Self::Expired { .. } => "Expired",
            Self::BadRequest(_) => "BadRequest",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::Scripted { code } => match code {
                409 => "Conflict",
                429 => "TooManyRequests",
                503 => "ServiceUnavailable",
                504 => "Timeout",
                _ => "InternalError",
            },
        }
    }

    pub(crate) fn status(&self) -> Value {
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.to_string(), "reason": self.reason(), "code": self.code(),
        })
    }
}
