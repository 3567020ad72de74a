//! What can go wrong with a log. Callers map it to the protocol's error codes.

use std::io;
use std::path::{Path, PathBuf};

use millrace_types::Offset;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk refused. The log is as it was before the call, unless it is offline now.
    #[error("could not {operation} {}", path.display())]
    Io {
        operation: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// An earlier failure could not be undone, so nothing more is written. Reads go on.
    #[error("the log {} is offline for writes", dir.display())]
    Offline { dir: PathBuf },
    #[error("offset {offset} is outside of the log, which has {start} up to {end}")]
    OffsetOutOfRange {
        offset: Offset,
        start: Offset,
        end: Offset,
    },
    /// A follower was given a batch that begins before the end of its log.
    #[error("a batch begins at offset {found}, but the log already ends at {end}")]
    NotContiguous { found: Offset, end: Offset },
    /// What is on disk is not what was written.
    #[error("{} is corrupt at byte {position}: {reason}", path.display())]
    Corrupt {
        path: PathBuf,
        position: u64,
        reason: &'static str,
    },
    /// A file of a few lines or bytes does not have its format.
    #[error("{} is malformed: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
}

pub type Result<T, E = LogError> = std::result::Result<T, E>;

/// Says which file an I/O error is about.
pub(crate) trait IoContext<T>: Sized {
    fn context(self, operation: &'static str, path: &Path) -> Result<T> {
        self.context_at(operation, || path.to_owned())
    }

    /// Makes the path only when there is an error.
    fn context_at(self, operation: &'static str, path: impl FnOnce() -> PathBuf) -> Result<T>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context_at(self, operation: &'static str, path: impl FnOnce() -> PathBuf) -> Result<T> {
        self.map_err(|source| LogError::Io {
            operation,
            path: path(),
            source,
        })
    }
}
