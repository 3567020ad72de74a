//! What a node knows about its quorum.

use millrace_types::NodeId;
use openraft::metrics::{RaftMetrics, RaftServerMetrics};

use crate::options::node_id;
use crate::position::LogPosition;
use crate::raft::types::{TypeConfig, from_log_id};

/// Who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leadership {
    pub term: u64,
    /// `None` while there is no leader, or none is known.
    pub leader: Option<NodeId>,
    /// Whether that is this node.
    pub is_self: bool,
}

/// How the quorum is, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumStatus {
    pub leadership: Leadership,
    /// Whom this node voted for in this term, if it did.
    pub vote: Option<NodeId>,
    /// Everything up to here is held by a majority.
    pub committed: Option<LogPosition>,
    /// Everything up to here is in this node's state.
    pub applied: Option<LogPosition>,
    /// The last entry in this node's log.
    pub last_index: Option<u64>,
    /// The state as of here is in a snapshot.
    pub snapshot: Option<LogPosition>,
    pub voters: Vec<VoterStatus>,
}

/// How far a voter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoterStatus {
    pub node: NodeId,
    /// The last entry it is known to hold. Only the leader knows of the others.
    pub last_index: Option<u64>,
}

impl Leadership {
    pub(crate) fn of(metrics: &RaftServerMetrics<TypeConfig>) -> Self {
        let leader = metrics.current_leader;
        Self {
            term: metrics.vote.leader_id().term,
            leader: leader.map(node_id),
            is_self: leader == Some(metrics.id) && metrics.state.is_leader(),
        }
    }
}

impl QuorumStatus {
    pub(crate) fn of(metrics: &RaftMetrics<TypeConfig>, leadership: Leadership) -> Self {
        let voter = |id: u64| {
            let matched = metrics.replication.as_ref().and_then(|known| {
                let matched = known.get(&id)?.as_ref()?;
                Some(matched.index())
            });
            let own = metrics.last_log_index.filter(|_| id == metrics.id);
            VoterStatus {
                node: node_id(id),
                last_index: own.or(matched),
            }
        };
        Self {
            leadership,
            vote: Some(node_id(metrics.vote.leader_id().voted_for)).filter(|_| leadership.term > 0),
            committed: metrics.local_committed.as_ref().map(from_log_id),
            applied: metrics.last_applied.as_ref().map(from_log_id),
            last_index: metrics.last_log_index,
            snapshot: metrics.snapshot.as_ref().map(from_log_id),
            voters: metrics.membership_config.voter_ids().map(voter).collect(),
        }
    }
}
