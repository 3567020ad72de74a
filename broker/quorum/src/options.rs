//! What a node of the quorum has to know before it starts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use millrace_types::NodeId;
use openraft::{Config, SnapshotPolicy};

use crate::error::QuorumError;

/// How many applied entries stay in the log although a snapshot holds them, so that a follower
/// that is only a little behind needs no snapshot.
const KEPT_ENTRIES: u64 = 1_000;

/// A follower that is this far behind gets the snapshot first.
const LAG_FOR_SNAPSHOT: u64 = 20_000;

/// How many proposals may wait inside the Raft library. Bytes are bounded by the proposals' own
/// budget, this only bounds small ones.
const CHANNEL: u64 = 4096;

/// Settings of one node.
#[derive(Clone, Debug)]
pub struct QuorumOptions {
    pub node: NodeId,
    /// Everybody who votes, this node among them. Written down at the first start; later starts
    /// must name the same.
    pub voters: Vec<NodeId>,
    /// Where the log and the snapshots are. Nothing else may be there.
    pub dir: PathBuf,
    /// How often a leader shows that it is there.
    pub heartbeat: Duration,
    /// How long a voter hears nothing before it stands for election: at least this, at most twice
    /// as long. Several heartbeats must fit.
    pub election_timeout: Duration,
}

impl QuorumOptions {
    /// Settings with Kafka's times.
    #[must_use]
    pub fn new(node: NodeId, voters: Vec<NodeId>, dir: PathBuf) -> Self {
        Self {
            node,
            voters,
            dir,
            heartbeat: Duration::from_millis(250),
            election_timeout: Duration::from_secs(1),
        }
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.voters.len() == 1
    }

    /// This node and the voters as the Raft library numbers them.
    pub(crate) fn raft_ids(&self) -> Result<(u64, BTreeSet<u64>), QuorumError> {
        let voters: Option<BTreeSet<u64>> = self.voters.iter().copied().map(raft_id).collect();
        raft_id(self.node)
            .zip(voters)
            .filter(|(me, voters)| voters.contains(me))
            .ok_or_else(|| self.not_a_voter())
    }

    pub(crate) fn not_a_voter(&self) -> QuorumError {
        QuorumError::NotAVoter {
            node: self.node,
            voters: self.voters.clone(),
        }
    }

    pub(crate) fn raft_config(&self) -> Config {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let election_timeout = millis(self.election_timeout);
        Config {
            cluster_name: "metadata".to_owned(),
            heartbeat_interval: millis(self.heartbeat),
            election_timeout_min: election_timeout,
            election_timeout_max: election_timeout.saturating_mul(2),
            // A sole voter hears of nobody and tells nobody: it needs no clock at all.
            enable_tick: !self.is_alone(),
            enable_pre_vote: Some(true),
            // A leader that was restarted may have lost entries that it sent but had not synced.
            // Leading on in the same term it could give their positions to others.
            enable_leader_restore: Some(false),
            // Snapshots are made by size as well as by count, which the library cannot do.
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: KEPT_ENTRIES,
            replication_lag_threshold: LAG_FOR_SNAPSHOT,
            api_channel_size: Some(CHANNEL),
            notification_channel_size: Some(CHANNEL),
            ..Config::default()
        }
    }
}

/// A node's number in the Raft library; `None` for the numbers that mean "no node".
pub(crate) fn raft_id(node: NodeId) -> Option<u64> {
    u64::try_from(node.0).ok()
}

/// The node behind a number of the Raft library.
pub(crate) fn node_id(raft_id: u64) -> NodeId {
    i32::try_from(raft_id).map_or(NodeId::NONE, NodeId)
}
