//! What can go wrong between the product and its quorum.

use std::io;
use std::path::{Path, PathBuf};

use millrace_types::NodeId;

/// Why the quorum did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum QuorumError {
    /// Another node leads, or did when it was last heard of. Nothing was written.
    #[error("this node does not lead the metadata quorum, {leader:?} does")]
    NotLeader { leader: Option<NodeId> },
    /// Leadership was lost on the way: the batch may be committed, now or later, or never.
    #[error("leadership was lost before the batch was known to be committed")]
    Unknown { leader: Option<NodeId> },
    /// Too few voters answer.
    #[error("too few voters of the metadata quorum answer")]
    Unavailable,
    /// More than one entry may hold.
    #[error("a batch of {len} bytes is more than the {max} that one entry may hold")]
    BatchTooLarge { len: usize, max: usize },
    /// The disk failed. The node has stopped taking part.
    #[error("the metadata log at {path:?} failed")]
    Storage {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// What was durable once is no longer what it was. The node must not take part with it.
    #[error("{path:?} is damaged at byte {offset}: {damage}")]
    Damaged {
        path: PathBuf,
        offset: u64,
        damage: &'static str,
    },
    /// The directory belongs to another node.
    #[error("the metadata log at {path:?} belongs to node {found}, this is node {expected}")]
    OtherNode {
        path: PathBuf,
        found: NodeId,
        expected: NodeId,
    },
    /// The configured voters are not the ones that the log knows.
    #[error("the metadata log was written by voters {found:?}, but {expected:?} are configured")]
    OtherVoters {
        found: Vec<NodeId>,
        expected: Vec<NodeId>,
    },
    /// The settings cannot be right.
    #[error("node {node} is not among the voters {voters:?}")]
    NotAVoter { node: NodeId, voters: Vec<NodeId> },
    /// The node is stopping or has stopped.
    #[error("the metadata quorum has stopped")]
    Shutdown,
}

impl QuorumError {
    /// Whether the same call may succeed later, here or at the leader.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        matches!(
            self,
            Self::NotLeader { .. } | Self::Unknown { .. } | Self::Unavailable
        )
    }

    pub(crate) fn storage(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Storage { path, source }
    }
}
