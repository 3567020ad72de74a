//! The messages between voters: postcard, in types of our own, so that nodes of different releases
//! understand each other whatever the Raft library does to its own types.

use bytes::Bytes;
use openraft::raft;
use serde::{Deserialize, Serialize};

use crate::journal::record::{self, Entry, Vote};
use crate::position::LogPosition;
use crate::raft::types::{
    TypeConfig, from_entry, from_log_id, from_vote, to_entry, to_log_id, to_vote,
};

/// Opens every message. A node that does not know it must not guess.
const VERSION: u8 = 1;

/// What one voter asks another. The variants' order is their number on the wire: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request {
    Append(Append),
    Vote(Candidacy),
    PreVote(Candidacy),
    Transfer(Transfer),
    Snapshot(SnapshotPart),
}

/// In the order of the requests: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Response {
    Append(Appended),
    Vote(Ballot),
    Transfer(bool),
    Snapshot(SnapshotTaken),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Append {
    pub vote: Vote,
    pub previous: Option<LogPosition>,
    pub entries: Vec<Entry>,
    pub committed: Option<LogPosition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Appended {
    All,
    UpTo(Option<LogPosition>),
    Conflict,
    HigherVote(Vote),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidacy {
    pub vote: Vote,
    pub last: Option<LogPosition>,
    pub leadership_transfer: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    pub vote: Vote,
    pub granted: bool,
    pub last: Option<LogPosition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub from: Vote,
    pub to: u64,
    pub last: Option<LogPosition>,
}

/// Some bytes of a snapshot file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SnapshotPart {
    pub vote: Vote,
    pub offset: u64,
    pub bytes: Bytes,
    /// These are the last bytes.
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SnapshotTaken {
    /// The part was taken in, or with the last part the whole snapshot; this is the node's vote.
    Taken(Vote),
    /// Another part was expected: begin again.
    OutOfStep,
}

/// A message that this release cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the message is damaged or from an unknown release")]
pub struct Unreadable;

pub(crate) fn encode(message: &impl Serialize) -> Bytes {
    record::encode(message, vec![VERSION]).into()
}

pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    match bytes.split_first() {
        Some((&VERSION, message)) => record::decode(message).ok_or(Unreadable),
        _ => Err(Unreadable),
    }
}

impl From<raft::AppendEntriesRequest<TypeConfig>> for Append {
    fn from(request: raft::AppendEntriesRequest<TypeConfig>) -> Self {
        Self {
            vote: from_vote(&request.vote),
            previous: request.prev_log_id.as_ref().map(from_log_id),
            entries: request.entries.into_iter().map(from_entry).collect(),
            committed: request.leader_commit.as_ref().map(from_log_id),
        }
    }
}

impl TryFrom<Append> for raft::AppendEntriesRequest<TypeConfig> {
    type Error = Unreadable;

    fn try_from(append: Append) -> Result<Self, Unreadable> {
        let entries: Option<Vec<_>> = append.entries.into_iter().map(to_entry).collect();
        Ok(Self {
            vote: to_vote(append.vote),
            prev_log_id: append.previous.map(to_log_id),
            entries: entries.ok_or(Unreadable)?,
            leader_commit: append.committed.map(to_log_id),
        })
    }
}

impl From<raft::AppendEntriesResponse<TypeConfig>> for Appended {
    fn from(response: raft::AppendEntriesResponse<TypeConfig>) -> Self {
        use raft::AppendEntriesResponse as Theirs;
        match response {
            Theirs::Success => Self::All,
            Theirs::PartialSuccess(last) => Self::UpTo(last.as_ref().map(from_log_id)),
            Theirs::Conflict => Self::Conflict,
            Theirs::HigherVote(vote) => Self::HigherVote(from_vote(&vote)),
        }
    }
}

impl From<Appended> for raft::AppendEntriesResponse<TypeConfig> {
    fn from(appended: Appended) -> Self {
        match appended {
            Appended::All => Self::Success,
            Appended::UpTo(last) => Self::PartialSuccess(last.map(to_log_id)),
            Appended::Conflict => Self::Conflict,
            Appended::HigherVote(vote) => Self::HigherVote(to_vote(vote)),
        }
    }
}

impl From<raft::VoteRequest<TypeConfig>> for Candidacy {
    fn from(request: raft::VoteRequest<TypeConfig>) -> Self {
        Self {
            vote: from_vote(&request.vote),
            last: request.last_log_id.as_ref().map(from_log_id),
            leadership_transfer: request.leadership_transfer,
        }
    }
}

impl From<Candidacy> for raft::VoteRequest<TypeConfig> {
    fn from(candidacy: Candidacy) -> Self {
        Self {
            vote: to_vote(candidacy.vote),
            last_log_id: candidacy.last.map(to_log_id),
            leadership_transfer: candidacy.leadership_transfer,
        }
    }
}

impl From<raft::VoteResponse<TypeConfig>> for Ballot {
    fn from(response: raft::VoteResponse<TypeConfig>) -> Self {
        Self {
            vote: from_vote(&response.vote),
            granted: response.vote_granted,
            last: response.last_log_id.as_ref().map(from_log_id),
        }
    }
}

impl From<Ballot> for raft::VoteResponse<TypeConfig> {
    fn from(ballot: Ballot) -> Self {
        Self {
            vote: to_vote(ballot.vote),
            vote_granted: ballot.granted,
            last_log_id: ballot.last.map(to_log_id),
        }
    }
}

impl From<raft::TransferLeaderRequest<TypeConfig>> for Transfer {
    fn from(request: raft::TransferLeaderRequest<TypeConfig>) -> Self {
        Self {
            from: from_vote(request.from_leader()),
            to: *request.to_node_id(),
            last: request.last_log_id().map(from_log_id),
        }
    }
}

impl From<Transfer> for raft::TransferLeaderRequest<TypeConfig> {
    fn from(transfer: Transfer) -> Self {
        let last = transfer.last.map(to_log_id);
        Self::new(to_vote(transfer.from), transfer.to, last)
    }
}
