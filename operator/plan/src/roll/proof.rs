//! The proof that a broker can be spared: what would be left of each of its partitions, and of the
//! quorum, without it.

use millrace_model::UnavailablePartitions;
use millrace_types::NodeId;

use crate::roll::input::{Fleet, Partition};

/// Obstacles that are told one by one; the others are counted.
const OBSTACLES_TOLD: usize = 5;

pub(crate) struct Proof<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) policy: UnavailablePartitions,
    /// Whether a broker can be counted on.
    pub(crate) present: &'a dyn Fn(NodeId) -> bool,
}

impl Proof<'_> {
    /// What would be lost with the broker; empty when it can be spared.
    pub(crate) fn obstacles(&self, broker: NodeId) -> Vec<String> {
        let mut obstacles: Vec<_> = self.quorum(broker).into_iter().collect();
        let present = self.fleet.brokers.iter().copied();
        let present: Vec<_> = present.filter(|other| (self.present)(*other)).collect();
        let partitions = self.fleet.partitions.iter();
        let mut short: Vec<_> = partitions
            .filter(|partition| partition.replicas.contains(&broker))
            .filter_map(|partition| self.partition(broker, partition, &present))
            .collect();
        short.sort_unstable();
        obstacles.extend(short);
        tell(obstacles)
    }

    fn partition(
        &self,
        broker: NodeId,
        partition: &Partition,
        present: &[NodeId],
    ) -> Option<String> {
        let left = partition.isr.iter();
        let left = left.filter(|&&other| other != broker && present.contains(&other));
        let left: Vec<i32> = left.map(|other| other.0).collect();
        let replicas = partition.replicas.len();
        let never = replicas <= partition.min_isr;
        let needed = match self.policy {
            UnavailablePartitions::Wait => partition.min_isr,
            // All others must be there, so that no record has its last copy on a broker that goes.
            UnavailablePartitions::Allow => partition.min_isr.min(replicas - 1),
        };
        if left.len() >= needed {
            return None;
        }
        let min_isr = partition.min_isr;
        Some(if never && self.policy == UnavailablePartitions::Wait {
            format!(
                "{partition} has {replicas} replicas and needs {min_isr} in sync, so it cannot stay available"
            )
        } else {
            format!("{partition} would have {left:?} in sync and needs {needed}")
        })
    }

    /// The quorum keeps its majority, where it has one to keep.
    fn quorum(&self, broker: NodeId) -> Option<String> {
        let voters = &self.fleet.voters;
        if self.fleet.controller.is_none() {
            return Some("the fleet has no active controller".to_owned());
        }
        if !voters.iter().any(|voter| voter.id == broker) {
            return None;
        }
        let others = voters.iter().filter(|voter| voter.id != broker);
        let left = others.filter(|voter| voter.caught_up && (self.present)(voter.id));
        let left = left.count();
        let needed = (voters.len() / 2 + 1).min(voters.len() - 1);
        (left < needed).then(|| {
            format!("the quorum would have {left} voters that are caught up and needs {needed}")
        })
    }
}

pub(crate) fn tell(mut obstacles: Vec<String>) -> Vec<String> {
    let more = obstacles.len().saturating_sub(OBSTACLES_TOLD);
    if more > 0 {
        obstacles.truncate(OBSTACLES_TOLD);
        obstacles.push(format!("and {more} more"));
    }
    obstacles
}
