//! Which brokers get the replicas of new partitions: leaders spread evenly, replicas of one
//! partition on as many racks as there are. Randomness comes in as one number.

use std::collections::BTreeMap;

use millrace_types::NodeId;
use thiserror::Error;

use crate::image::brokers::{Broker, Brokers};

#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum PlacementError {
    #[error(
        "The target replication factor of {wanted} cannot be reached because only {registered} \
         broker(s) are registered."
    )]
    TooFewBrokers { wanted: usize, registered: usize },
    #[error("All brokers are currently fenced or in controlled shutdown.")]
    NoActiveBroker,
}

/// The brokers in the order in which they are dealt out. Made once for a request, so that
/// thousands of topics cost what their partitions cost.
pub(crate) struct Placer<'a> {
    /// Neighbours are on different racks where possible.
    active: Vec<&'a Broker>,
    /// Used when the active ones do not suffice; they catch up when they come back.
    fenced: Vec<&'a Broker>,
}

impl<'a> Placer<'a> {
    pub(crate) fn new(brokers: &'a Brokers) -> Self {
        let staying = brokers
            .iter()
            .map(AsRef::as_ref)
            .filter(|broker: &&Broker| !broker.shutting_down);
        let (fenced, active): (Vec<&Broker>, Vec<&Broker>) =
            staying.partition(|broker| broker.fenced);
        Self {
            active: alternate_racks(active),
            fenced: alternate_racks(fenced),
        }
    }

    /// The replicas of each partition, the leader first. `start` is any number; another one makes
    /// another topic begin elsewhere.
    pub(crate) fn place(
        &self,
        partitions: usize,
        replication_factor: usize,
        start: usize,
    ) -> Result<Vec<Vec<NodeId>>, PlacementError> {
        let registered = self.active.len() + self.fenced.len();
        if replication_factor > registered {
            return Err(PlacementError::TooFewBrokers {
                wanted: replication_factor,
                registered,
            });
        }
        if self.active.is_empty() {
            return Err(PlacementError::NoActiveBroker);
        }
        let count = self.active.len();
        let start = start % count;
        let one = |partition: usize| {
            // Each round over the brokers pairs leaders with other followers.
            let gap = (start + partition / count) % count;
            self.replicas((start + partition) % count, gap, replication_factor)
        };
        Ok((0..partitions).map(one).collect())
    }

    /// The start that makes the broker after `leader` the next leader.
    pub(crate) fn after(&self, leader: NodeId) -> Option<usize> {
        self.active
            .iter()
            .position(|broker| broker.id == leader)
            .map(|position| position + 1)
    }

    /// The leader, then the brokers that follow it after a gap: those on new racks before those
    /// on racks that have a replica already.
    fn replicas(&self, leader: usize, gap: usize, wanted: usize) -> Vec<NodeId> {
        let count = self.active.len();
        let leader_broker = self.active[leader];
        let followers = (0..count)
            .map(|step| self.active[(leader + 1 + gap + step) % count])
            .filter(|broker| broker.id != leader_broker.id);
        let mut spare: Vec<&Broker> = followers.collect();
        let mut chosen = vec![leader_broker];
        while chosen.len() < wanted && !spare.is_empty() {
            let on_new_rack =
                |broker: &&Broker| chosen.iter().all(|taken| taken.rack != broker.rack);
            let next = spare.iter().position(on_new_rack).unwrap_or(0);
            chosen.push(spare.remove(next));
        }
        let missing = wanted.saturating_sub(chosen.len());
        chosen.extend(self.fenced.iter().take(missing).copied());
        chosen.iter().map(|broker| broker.id).collect()
    }
}

/// One broker of each rack, then the next of each, and so on.
fn alternate_racks(brokers: Vec<&Broker>) -> Vec<&Broker> {
    let mut racks: BTreeMap<Option<&str>, Vec<&Broker>> = BTreeMap::new();
    for broker in brokers {
        racks
            .entry(broker.rack.as_deref())
            .or_default()
            .push(broker);
    }
    let longest = racks.values().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|turn| {
            racks
                .values()
                .filter_map(move |rack| rack.get(turn).copied())
        })
        .collect()
}

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;
