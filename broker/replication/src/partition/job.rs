//! What is done by whoever has the log: batches to append, and other work.

use millrace_log::{AppendBatch, Log};
use millrace_types::{LeaderEpoch, Offset, Timestamp};
use tokio::sync::oneshot;

use crate::error::AppendError;

pub(super) enum Job {
    Append(AppendJob),
    Maintain(Maintenance),
}

/// Work that needs the log for itself.
pub(super) type Maintenance = Box<dyn FnOnce(&mut Option<Log>) + Send>;

pub(super) struct AppendJob {
    pub(super) batch: AppendBatch,
    pub(super) epoch: LeaderEpoch,
    pub(super) now: Timestamp,
    pub(super) answer: oneshot::Sender<AppendResult>,
}

/// Where a batch is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub base_offset: Offset,
    /// The offset behind its last record: what must be committed for the batch to be.
    pub end_offset: Offset,
    /// The batch was there already, with this largest timestamp.
    pub duplicate_of: Option<Timestamp>,
}

pub(super) type AppendResult = Result<Placed, AppendError>;
