//! Where a batch stands in the metadata log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The place of one batch in the log, and the term of the leader that put it there.
///
/// Ordered as Raft orders log entries: a higher term wins over a higher index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPosition {
    /// Counts the leaders of the quorum.
    pub term: u64,
    /// Counts the entries of the log, from 0, without holes.
    pub index: u64,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.index, self.term)
    }
}
