//! What a coordinator hands back to the one that drives it: replies, the next append, the next alarm.
//! Values only: how they are sent, written and timed is the driver's.

use bytes::Bytes;
use millrace_types::{ErrorCode, SteadyMs};

/// Names a request that waits for its reply. Whoever drives the coordinator makes them up; each is
/// answered exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestToken(pub u64);

/// The answer to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply<R> {
    pub token: RequestToken,
    pub response: R,
}

/// One record as the log holds it; no value is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

/// Records to append as one batch. At most one append of a shard is under way: the driver reports
/// [`on_appended`](crate::Runtime::on_appended) or
/// [`on_append_failed`](crate::Runtime::on_append_failed) before it is given the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub records: Vec<KeyValue>,
}

/// All that follows from one event.
#[derive(Debug)]
pub struct Effects<R> {
    pub append: Option<Append>,
    pub replies: Vec<Reply<R>>,
    /// When [`on_timer`](crate::Runtime::on_timer) is to be called, unless an event comes first.
    pub next_deadline: Option<SteadyMs>,
}

/// What the reply to a request says when its records could not be written.
#[must_use]
pub fn coordinator_error(append_error: ErrorCode) -> ErrorCode {
    match append_error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge
        | ErrorCode::RecordListTooLarge
        | ErrorCode::InvalidFetchSize => ErrorCode::UnknownServerError,
        other => other,
    }
}
