//! The Raft library's types as this product fills them in, and the way between them and ours.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use openraft::impls::leader_id_std;
use openraft::type_config::alias::{EntryOf, LogIdOf, StoredMembershipOf, VoteOf};
use openraft::{EmptyNode, EntryPayload};

use crate::journal::record::{Entry, Members, Payload, Vote};
use crate::position::LogPosition;

openraft::declare_raft_types!(
    /// One leader per term, nodes known by number, batches as opaque bytes.
    pub TypeConfig:
        D = Batch,
        R = (),
        NodeId = u64,
        Node = EmptyNode,
        LeaderId = leader_id_std::LeaderId<u64, u64>,
        AsyncRuntime = openraft_rt_tokio::TokioRuntime,
);

pub(crate) type LogId = LogIdOf<TypeConfig>;
pub(crate) type RaftVote = VoteOf<TypeConfig>;
pub(crate) type RaftEntry = EntryOf<TypeConfig>;
pub(crate) type Membership = openraft::Membership<u64, EmptyNode>;
pub(crate) type StoredMembership = StoredMembershipOf<TypeConfig>;

/// What is proposed: bytes that only the state machine understands.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch(pub Bytes);

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

pub(crate) fn to_log_id(position: LogPosition) -> LogId {
    LogId::new_term_index(position.term, position.index)
}

pub(crate) fn from_log_id(id: &LogId) -> LogPosition {
    LogPosition {
        term: **id.committed_leader_id(),
        index: id.index(),
    }
}

pub(crate) fn to_vote(vote: Vote) -> RaftVote {
    if vote.committed {
        RaftVote::new_committed(vote.term, vote.node)
    } else {
        RaftVote::new(vote.term, vote.node)
    }
}

pub(crate) fn from_vote(vote: &RaftVote) -> Vote {
    let leader = vote.leader_id();
    Vote {
        term: leader.term,
        node: leader.voted_for,
        committed: vote.is_committed(),
    }
}

/// `None` when the members are no possible membership: a voter that is not among the nodes.
pub(crate) fn to_entry(entry: Entry) -> Option<RaftEntry> {
    let payload = match entry.payload {
        Payload::Blank => EntryPayload::Blank,
        Payload::Batch(batch) => EntryPayload::Normal(Batch(batch)),
        Payload::Members(members) => EntryPayload::Membership(to_membership(members)?),
    };
    let log_id = to_log_id(entry.position);
    Some(RaftEntry { log_id, payload })
}

pub(crate) fn from_entry(entry: RaftEntry) -> Entry {
    let payload = match entry.payload {
        EntryPayload::Blank => Payload::Blank,
        EntryPayload::Normal(batch) => Payload::Batch(batch.0),
        EntryPayload::Membership(membership) => Payload::Members(from_membership(&membership)),
    };
    Entry {
        position: from_log_id(&entry.log_id),
        payload,
    }
}

pub(crate) fn to_membership(members: Members) -> Option<Membership> {
    if members.voters.is_empty() && members.nodes.is_empty() {
        return Some(Membership::default());
    }
    let nodes: BTreeMap<u64, EmptyNode> = members
        .nodes
        .into_iter()
        .map(|node| (node, EmptyNode::default()))
        .collect();
    Membership::new(members.voters, nodes).ok()
}

pub(crate) fn from_membership(membership: &Membership) -> Members {
    Members {
        voters: membership.get_joint_config().clone(),
        nodes: membership.nodes().map(|(node, _)| *node).collect(),
    }
}
