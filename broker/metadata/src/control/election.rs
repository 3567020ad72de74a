//! The state of a partition after its in-sync replicas or the brokers' states changed: who leads,
//! who is in sync, who may be trusted to lead later (KIP-966). Knows no broker beyond what the
//! rules say of it.

use millrace_types::{NodeId, Uuid};
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use crate::image::partition::{
    LEADER_UNCHANGED, LeaderRecovery, Partition, RECOVERY_UNCHANGED, ids,
};

/// Whom an election may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Election {
    /// The first replica, if it is in sync.
    Preferred,
    /// Any replica that holds everything acknowledged; the present leader stays if it can.
    Clean,
    /// As `Clean`; but a replica that may lack acknowledged records beats no leader.
    Unclean,
}

pub(crate) struct Rules<'a> {
    pub election: Election,
    /// Whether a broker is up and may lead.
    pub is_eligible: &'a dyn Fn(NodeId) -> bool,
    /// How many in-sync replicas an acknowledged write reaches.
    pub min_isr: usize,
    /// Whether out-of-sync replicas that hold everything acknowledged are remembered.
    pub tracks_elr: bool,
}

/// What is asked of the partition.
pub(crate) struct Wish {
    pub isr: Vec<NodeId>,
    pub recovery: LeaderRecovery,
    /// A broker that may have lost what it had written.
    pub unclean_shutdown: Option<NodeId>,
}

impl Wish {
    /// The partition as it is.
    pub(crate) fn of(partition: &Partition) -> Self {
        Self {
            isr: partition.isr.to_vec(),
            recovery: partition.recovery,
            unclean_shutdown: None,
        }
    }

    pub(crate) fn without(partition: &Partition, node: NodeId) -> Self {
        let mut wish = Self::of(partition);
        wish.isr.retain(|&member| member != node);
        wish
    }
}

/// The part of a partition that elections change.
struct State {
    isr: Vec<NodeId>,
    elr: Vec<NodeId>,
    last_known_elr: Vec<NodeId>,
    leader: Option<NodeId>,
    recovery: LeaderRecovery,
}

enum Outcome {
    Clean(NodeId),
    Unclean(NodeId),
    Nobody,
}

/// The record that fulfils the wish; `None` when nothing changes.
pub(crate) fn change(
    topic_id: Uuid,
    index: i32,
    partition: &Partition,
    wish: Wish,
    rules: &Rules<'_>,
) -> Option<PartitionChangeRecord> {
    let mut next = State {
        elr: eligible(partition, &wish, rules),
        isr: wish.isr,
        last_known_elr: partition.last_known_elr.to_vec(),
        leader: partition.leader,
        recovery: wish.recovery,
    };
    match elect(partition, &next, rules) {
        Outcome::Clean(leader) => {
            if !next.isr.contains(&leader) {
                next.elr.retain(|&member| member != leader);
                next.isr = vec![leader];
            }
            next.leader = Some(leader);
        }
        Outcome::Unclean(leader) => {
            next.isr = vec![leader];
            next.elr.clear();
            next.recovery = LeaderRecovery::Recovering;
            next.leader = Some(leader);
        }
        Outcome::Nobody => next.leader = None,
    }
    if next.isr.is_empty() && !rules.tracks_elr {
        // Without anyone else to trust, the last ones in sync remain the only candidates.
        next.isr = partition.isr.to_vec();
    }
    remember_last_leader(partition, &mut next, rules);
    record(topic_id, index, partition, &next)
}

/// Replicas that left the in-sync set when it was too small to acknowledge anything since.
fn eligible(partition: &Partition, wish: &Wish, rules: &Rules<'_>) -> Vec<NodeId> {
    if !rules.tracks_elr || wish.isr.len() >= rules.min_isr {
        return Vec::new();
    }
    let mut elr = Vec::new();
    for &node in partition.elr.iter().chain(partition.isr.iter()) {
        if !wish.isr.contains(&node) && wish.unclean_shutdown != Some(node) && !elr.contains(&node)
        {
            elr.push(node);
        }
    }
    elr
}

fn elect(partition: &Partition, next: &State, rules: &Rules<'_>) -> Outcome {
    let is_up = |node: NodeId| (rules.is_eligible)(node);
    let holds_everything = |node: NodeId| {
        next.isr.contains(&node) || (next.isr.is_empty() && next.elr.contains(&node))
    };
    let may_lead = |node: &NodeId| holds_everything(*node) && is_up(*node);
    let preferred = (rules.election == Election::Preferred)
        .then(|| partition.preferred_leader())
        .flatten();
    let mut candidates = preferred
        .into_iter()
        .chain(partition.leader)
        .chain(partition.replicas.iter().copied());
    if let Some(leader) = candidates.find(may_lead) {
        return Outcome::Clean(leader);
    }
    if let [last] = *partition.last_known_elr
        && rules.tracks_elr
        && next.isr.is_empty()
        && next.elr.is_empty()
        && is_up(last)
    {
        return Outcome::Unclean(last);
    }
    let any = partition.replicas.iter().copied().find(|&node| is_up(node));
    match any {
        Some(node) if rules.election == Election::Unclean => Outcome::Unclean(node),
        _ => Outcome::Nobody,
    }
}

/// Keeps a name from the moment nobody is in sync until somebody leads again: the leader's, or
/// that of the last one who could have led.
fn remember_last_leader(partition: &Partition, next: &mut State, rules: &Rules<'_>) {
    if next.leader.is_some() {
        next.last_known_elr.clear();
    } else if rules.tracks_elr && next.isr.is_empty() && next.last_known_elr.is_empty() {
        let last = partition.leader.or(partition.isr.first().copied());
        next.last_known_elr.extend(last);
    }
}

fn record(
    topic_id: Uuid,
    index: i32,
    partition: &Partition,
    next: &State,
) -> Option<PartitionChangeRecord> {
    let list = |old: &[NodeId], new: &[NodeId]| (old != new).then(|| ids(new));
    let record = PartitionChangeRecord {
        partition_id: index,
        topic_id,
        isr: list(&partition.isr, &next.isr),
        eligible_leader_replicas: list(&partition.elr, &next.elr),
        last_known_elr: list(&partition.last_known_elr, &next.last_known_elr),
        leader: if partition.leader == next.leader {
            LEADER_UNCHANGED
        } else {
            next.leader.unwrap_or(NodeId::NONE).0
        },
        leader_recovery_state: if partition.recovery == next.recovery {
            RECOVERY_UNCHANGED
        } else {
            next.recovery.code()
        },
        ..PartitionChangeRecord::default()
    };
    let unchanged = PartitionChangeRecord {
        partition_id: index,
        topic_id,
        ..PartitionChangeRecord::default()
    };
    (record != unchanged).then_some(record)
}

#[cfg(test)]
#[path = "election_tests.rs"]
mod tests;
