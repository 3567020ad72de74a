//! What a shard is told.

use millrace_coordinator::{GroupRequest, GroupResponse};
use tokio::sync::oneshot;

use crate::groups::summary::ShardSummary;

pub(crate) enum Event {
    Ask {
        request: Box<GroupRequest>,
        answer: oneshot::Sender<GroupResponse>,
    },
    Summarize(oneshot::Sender<ShardSummary>),
    Unload,
}
