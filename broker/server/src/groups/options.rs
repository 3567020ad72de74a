//! What the coordinator is made of.

use std::sync::Arc;

use millrace_coordinator::GroupConfig;
use millrace_replication::Topics;
use millrace_types::{Clock, NodeId};
use tokio::runtime::Handle;

/// What the coordinator is made of.
pub struct GroupsOptions {
    pub me: NodeId,
    pub clock: Arc<dyn Clock>,
    pub topics: Arc<Topics>,
    pub config: GroupConfig,
    /// `offsets.load.buffer.size`
    pub load_buffer_bytes: usize,
    /// `offsets.commit.timeout.ms`
    pub commit_timeout_ms: i64,
    pub runtime: Handle,
}
