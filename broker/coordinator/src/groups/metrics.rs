//! Numbers about a shard for whoever exports metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::PartitionIndex;

use crate::groups::offsets::CommittedOffset;
use crate::groups::shard::{Group, GroupShard};

/// What has happened since the shard was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub completed_rebalances: u64,
    pub offset_commits: u64,
    pub offset_expirations: u64,
    pub offset_deletions: u64,
}

impl GroupShard {
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many groups are in each state, by the state's name.
    #[must_use]
    pub fn groups_by_state(&self) -> BTreeMap<&'static str, usize> {
        let mut states = BTreeMap::new();
        for Group::Classic(group) in self.groups.values() {
            *states.entry(group.state.name()).or_default() += 1;
        }
        states
    }

    #[must_use]
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    #[must_use]
    pub fn offset_count(&self) -> usize {
        self.offsets.len()
    }

    /// Every committed offset: group, topic, partition.
    pub fn committed_offsets(
        &self,
    ) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, PartitionIndex, &CommittedOffset)> {
        self.offsets.iter().flat_map(|(group_id, topics)| {
            topics.iter().flat_map(move |(topic, partitions)| {
                let of_partition = move |(&index, offset)| (group_id, topic, index, offset);
                partitions.iter().map(of_partition)
            })
        })
    }

    /// The groups and how many members each has.
    pub fn member_counts(&self) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.groups
            .iter()
            .map(|(id, Group::Classic(group))| (id, group.member_count()))
    }
}
