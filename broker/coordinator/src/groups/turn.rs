//! The words in which group state machines speak to the runtime.

use std::sync::Arc;

use bytes::Bytes;

use crate::groups::classic::StaticRejoin;
use crate::groups::records::GroupRecord;
use crate::groups::request::GroupResponse;
use crate::result::RequestToken;
use crate::shard::Turn;

pub(crate) type GroupTurn<'a> = Turn<'a, GroupResponse, GroupRecord, Deferred, GroupTimer>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupTimer {
    /// The member has been silent for its session timeout.
    Session { group: Arc<str>, member: Arc<str> },
    /// Time is up for members to join.
    Join { group: Arc<str> },
    /// Time is up for members to fetch their assignment.
    Sync { group: Arc<str> },
    /// Time to look for offsets that have expired.
    Cleanup,
}

/// What happens once a write has committed, or is known not to.
#[derive(Debug)]
pub enum Deferred {
    Nothing,
    /// The answer is known; it waits for the log.
    Reply {
        token: RequestToken,
        response: GroupResponse,
    },
    /// The leader's assignment takes effect.
    Stabilize {
        group: Arc<str>,
        generation: i32,
        assignments: Vec<(Arc<str>, Bytes)>,
    },
    /// A static member goes on under a new member id.
    StaticRejoin(Box<StaticRejoin>),
}
