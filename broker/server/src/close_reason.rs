//! Why a connection ended, and whether an operator should read of it.

use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::send::SendError;

#[derive(Debug, Error)]
pub enum CloseReason {
    #[error("the client closed the connection")]
    ClientClosed,
    #[error("the connection failed")]
    Io(#[source] io::Error),
    #[error("the client closed the connection inside a frame")]
    TruncatedFrame,
    #[error("a frame announces {announced} bytes, allowed are 1 to {allowed}")]
    FrameSize { announced: i64, allowed: usize },
    #[error("nothing moved for {0:?}")]
    Idle(Duration),
    #[error("half a frame kept memory that others wait for, and nothing of it came for {0:?}")]
    HeldMemory(Duration),
    #[error("the client took nothing of its answers for {0:?}")]
    Stalled(Duration),
    #[error("the broker is shutting down")]
    Shutdown,
    #[error("{0}")]
    BadRequest(String),
    #[error("an unacknowledged produce request failed: {0}")]
    UnacknowledgedProduce(&'static str),
    #[error("a log file that was being sent could not be read")]
    Log(#[source] io::Error),
}

impl CloseReason {
    /// In a few words what an operator should read of, the same for all of its kind; `None` is
    /// everyday life of clients.
    #[must_use]
    pub(crate) fn complaint(&self) -> Option<&'static str> {
        match self {
            Self::TruncatedFrame => Some("clients ended inside a frame"),
            Self::FrameSize { .. } => {
                Some("clients announced frames of a size that is not allowed")
            }
            Self::HeldMemory(_) => Some("clients kept memory that others waited for"),
            Self::Stalled(_) => Some("clients took nothing of their answers"),
            Self::BadRequest(_) => Some("clients sent what is no request"),
            Self::Log(_) => Some("clients were to be sent a log file that cannot be read"),
            Self::ClientClosed
            | Self::Io(_)
            | Self::Idle(_)
            | Self::Shutdown
            | Self::UnacknowledgedProduce(_) => None,
        }
    }
}

impl From<SendError> for CloseReason {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Stalled(patience) => Self::Stalled(patience),
            SendError::Socket(source) => Self::Io(source),
            SendError::File(source) => Self::Log(source),
        }
    }
}
