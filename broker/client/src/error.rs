//! Why a call failed, and whether the same call may succeed later.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use millrace_types::{ErrorCode, TopicPartition};
use millrace_wire::{ApiKey, DecodeError, EncodeError};
use thiserror::Error;

/// One failed batch fails every record in it, so errors can be shared.
#[derive(Clone, Debug, Error)]
pub enum ClientError {
    #[error("cannot connect to {address}")]
    Unreachable {
        address: Arc<str>,
        #[source]
        source: Arc<io::Error>,
    },
    #[error("none of the bootstrap servers answers: {}", servers.join(", "))]
    NoBootstrapServer {
        servers: Vec<String>,
        #[source]
        source: Option<Arc<Self>>,
    },
    #[error("the connection to {address} was lost")]
    Disconnected { address: Arc<str> },
    #[error("no answer to {} from {address} within {} ms", api.name(), waited.as_millis())]
    TimedOut {
        api: ApiKey,
        address: Arc<str>,
        waited: Duration,
    },
    #[error("{address} serves no version of {} that this client speaks", api.name())]
    NotServed { api: ApiKey, address: Arc<str> },
    #[error("{code}{}", message.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Server {
        code: ErrorCode,
        message: Option<Arc<str>>,
    },
    #[error("{topic}-{partition} has no leader")]
    NoLeader { topic: Arc<str>, partition: i32 },
    #[error("node {node} is not part of the cluster")]
    UnknownNode { node: i32 },
    #[error("the answer to {} lacks {what}", api.name())]
    Incomplete { api: ApiKey, what: String },
    #[error("cannot write {}", api.name())]
    Encode {
        api: ApiKey,
        #[source]
        source: EncodeError,
    },
    #[error("cannot read the answer to {}", api.name())]
    Decode {
        api: ApiKey,
        #[source]
        source: DecodeError,
    },
    #[error("group {group} has no offset for {partition}")]
    NoOffset {
        group: Arc<str>,
        partition: TopicPartition,
    },
    #[error("the records of {topic}-{partition} cannot be read: {reason}")]
    Records {
        topic: Arc<str>,
        partition: i32,
        reason: String,
    },
    #[error("the records cannot be written: {reason}")]
    Unwritable { reason: String },
    #[error("the record was not delivered within {} ms", waited.as_millis())]
    Undelivered { waited: Duration },
    #[error("the client is closed")]
    Closed,
}

impl ClientError {
    /// The error of a code that is not "none".
    #[must_use]
    pub fn server(code: i16, message: Option<Arc<str>>) -> Self {
        Self::Server {
            code: ErrorCode::from_code(code),
            message,
        }
    }

    /// An error when the code is not "none".
    ///
    /// # Errors
    /// The code, as an error.
    pub fn check(code: i16, message: Option<&Arc<str>>) -> Result<(), Self> {
        if code == ErrorCode::None.code() {
            return Ok(());
        }
        Err(Self::server(code, message.cloned()))
    }

    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Server { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the same call may succeed later, perhaps on another broker.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::NoBootstrapServer { .. }
            | Self::Disconnected { .. }
            | Self::TimedOut { .. }
            | Self::NoLeader { .. }
            | Self::UnknownNode { .. } => true,
            Self::Server { code, .. } => code.is_retriable(),
            Self::NotServed { .. }
            | Self::Incomplete { .. }
            | Self::Encode { .. }
            | Self::Decode { .. }
            | Self::NoOffset { .. }
            | Self::Records { .. }
            | Self::Unwritable { .. }
            | Self::Undelivered { .. }
            | Self::Closed => false,
        }
    }
}
