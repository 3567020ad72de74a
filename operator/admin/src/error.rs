//! Why a cluster did not do what it was asked, and whether asking again may help.

use std::sync::Arc;
use std::time::Duration;

use millrace_client::ClientError;
use millrace_types::ErrorCode;
use thiserror::Error;

/// One failed call fails every item in it, so errors can be shared.
#[derive(Clone, Debug, Error)]
pub enum AdminError {
    /// The cluster answered, and said no.
    #[error("{code}{}", message.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Refused {
        code: ErrorCode,
        message: Option<Arc<str>>,
    },
    #[error("the cluster gave no answer within {} ms", after.as_millis())]
    Deadline { after: Duration },
    #[error("the cluster cannot be asked")]
    Unreachable {
        #[source]
        source: ClientError,
    },
    #[error("the cluster answered, but not about this")]
    Unanswered,
}

impl AdminError {
    #[must_use]
    pub const fn refused(code: ErrorCode) -> Self {
        Self::Refused {
            code,
            message: None,
        }
    }

    /// What the cluster said, when it said something.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Deadline { .. } | Self::Unreachable { .. } | Self::Unanswered => None,
        }
    }

    /// Whether the topic is simply not there.
    #[must_use]
    pub const fn is_missing_topic(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId)
        )
    }

    /// Whether the same call may succeed later without anybody changing what is asked. A topic
    /// that is missing may be on its way in a client's eyes; here somebody has to create it.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Refused { code, .. } => code.is_retriable() && !self.is_missing_topic(),
            Self::Unreachable { source } => source.retryable(),
            Self::Deadline { .. } | Self::Unanswered => true,
        }
    }
}

impl From<ClientError> for AdminError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Server { code, message } => Self::Refused { code, message },
            source => Self::Unreachable { source },
        }
    }
}
