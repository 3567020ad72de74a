//! One partition as the whole fleet sees it: who holds it, who is in sync, who leads.
//! A value: it decides nothing.

use std::sync::Arc;

use millrace_types::{LeaderEpoch, NodeId, Uuid};
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;
use millrace_wire::records::metadata::partition_record::PartitionRecord;

/// Brokers in an order that matters: the first replica is the preferred leader.
pub type Nodes = Arc<[NodeId]>;

/// "The leader did not change" in a [`PartitionChangeRecord`].
pub(crate) const LEADER_UNCHANGED: i32 = -2;
/// "The recovery state did not change" in a [`PartitionChangeRecord`].
pub(crate) const RECOVERY_UNCHANGED: i8 = -1;

/// Where a replica is kept when its broker has not said.
pub const DIRECTORY_UNASSIGNED: Uuid = Uuid::ZERO;

/// Whether the leader was elected from replicas that may lack acknowledged records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i8)]
pub enum LeaderRecovery {
    #[default]
    Recovered = 0,
    Recovering = 1,
}

impl LeaderRecovery {
    #[must_use]
    pub const fn code(self) -> i8 {
        self as i8
    }

    /// `None` when the number means nothing to this version.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Recovered),
            1 => Some(Self::Recovering),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub replicas: Nodes,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Arc<[Uuid]>,
    pub isr: Nodes,
    /// Out of sync, but known to hold everything that was acknowledged (KIP-966).
    pub elr: Nodes,
    /// The last leader, kept for the day when neither ISR nor ELR has anyone left.
    pub last_known_elr: Nodes,
    pub adding: Nodes,
    pub removing: Nodes,
    pub leader: Option<NodeId>,
    pub recovery: LeaderRecovery,
    pub leader_epoch: LeaderEpoch,
    /// Counts the changes of this partition; the leader names it when it asks for the next one.
    pub partition_epoch: i32,
}

impl Partition {
    /// A partition nobody has written to yet; its first in-sync replica leads.
    #[must_use]
    pub fn new(replicas: Nodes, directories: Arc<[Uuid]>, isr: Nodes) -> Self {
        Self {
            leader: isr.first().copied(),
            replicas,
            directories,
            isr,
            elr: Nodes::default(),
            last_known_elr: Nodes::default(),
            adding: Nodes::default(),
            removing: Nodes::default(),
            recovery: LeaderRecovery::Recovered,
            leader_epoch: 0,
            partition_epoch: 0,
        }
    }

    #[must_use]
    pub fn preferred_leader(&self) -> Option<NodeId> {
        self.replicas.first().copied()
    }

    #[must_use]
    pub fn is_reassigning(&self) -> bool {
        !(self.adding.is_empty() && self.removing.is_empty())
    }

    pub(crate) fn from_record(record: &PartitionRecord) -> Self {
        let replicas = nodes(&record.replicas);
        let isr = if record.isr == record.replicas {
            Arc::clone(&replicas)
        } else {
            nodes(&record.isr)
        };
        Self {
            directories: record.directories.as_slice().into(),
            isr,
            elr: optional_nodes(record.eligible_leader_replicas.as_deref()),
            last_known_elr: optional_nodes(record.last_known_elr.as_deref()),
            adding: nodes(&record.adding_replicas),
            removing: nodes(&record.removing_replicas),
            leader: leader(record.leader),
            recovery: LeaderRecovery::from_code(record.leader_recovery_state).unwrap_or_default(),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            replicas,
        }
    }

    pub(crate) fn to_record(&self, topic_id: Uuid, partition_id: i32) -> PartitionRecord {
        PartitionRecord {
            partition_id,
            topic_id,
            replicas: ids(&self.replicas),
            isr: ids(&self.isr),
            removing_replicas: ids(&self.removing),
            adding_replicas: ids(&self.adding),
            leader: self.leader.unwrap_or(NodeId::NONE).0,
            leader_recovery_state: self.recovery.code(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: self.directories.to_vec(),
            eligible_leader_replicas: (!self.elr.is_empty()).then(|| ids(&self.elr)),
            last_known_elr: (!self.last_known_elr.is_empty()).then(|| ids(&self.last_known_elr)),
        }
    }

    /// The partition after `change`. Naming a leader, even the same one, starts a new leader
    /// epoch; every change starts a new partition epoch.
    pub(crate) fn changed(&self, change: &PartitionChangeRecord) -> Self {
        let set =
            |old: &Nodes, new: Option<&Vec<i32>>| new.map_or_else(|| old.clone(), |n| nodes(n));
        let names_leader = change.leader != LEADER_UNCHANGED;
        Self {
            replicas: set(&self.replicas, change.replicas.as_ref()),
            directories: match &change.directories {
                Some(directories) => directories.as_slice().into(),
                None => Arc::clone(&self.directories),
            },
            isr: set(&self.isr, change.isr.as_ref()),
            elr: set(&self.elr, change.eligible_leader_replicas.as_ref()),
            last_known_elr: set(&self.last_known_elr, change.last_known_elr.as_ref()),
            adding: set(&self.adding, change.adding_replicas.as_ref()),
            removing: set(&self.removing, change.removing_replicas.as_ref()),
            leader: if names_leader {
                leader(change.leader)
            } else {
                self.leader
            },
            recovery: LeaderRecovery::from_code(change.leader_recovery_state)
                .unwrap_or(self.recovery),
            leader_epoch: self.leader_epoch.saturating_add(i32::from(names_leader)),
            partition_epoch: self.partition_epoch.saturating_add(1),
        }
    }
}

fn leader(id: i32) -> Option<NodeId> {
    (id >= 0).then_some(NodeId(id))
}

/// Broker ids as values.
pub(crate) fn nodes(ids: &[i32]) -> Nodes {
    ids.iter().copied().map(NodeId).collect()
}

fn optional_nodes(ids: Option<&[i32]>) -> Nodes {
    ids.map(nodes).unwrap_or_default()
}

/// Broker ids as the wire has them.
pub(crate) fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}
