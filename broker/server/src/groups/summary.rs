//! What a shard tells about itself for metrics. Bounded, whatever the shard holds.

use std::sync::Arc;

use millrace_coordinator::{Counters, GroupShard};
use millrace_types::TopicPartition;

use crate::metrics::groups::CommittedOffset;

/// Committed offsets that one summary lists, and groups: metrics cap their series well below.
const SUMMARIZED_MAX: usize = 10_000;

/// How far a shard's partition of the offsets topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardState {
    Loading,
    Active,
    /// Its log could not be read: its groups have no coordinator.
    Failed,
}

/// One shard at the moment of a scrape.
#[derive(Debug)]
pub struct ShardSummary {
    pub state: ShardState,
    pub groups: usize,
    pub groups_by_state: Vec<(&'static str, usize)>,
    pub offsets: usize,
    pub counters: Counters,
    pub committed: Vec<CommittedOffset>,
    pub members: Vec<(Arc<str>, usize)>,
}

impl ShardSummary {
    /// A shard that serves nobody.
    #[must_use]
    pub fn in_state(state: ShardState) -> Self {
        Self {
            state,
            groups: 0,
            groups_by_state: Vec::new(),
            offsets: 0,
            counters: Counters::default(),
            committed: Vec::new(),
            members: Vec::new(),
        }
    }

    #[must_use]
    pub fn of(shard: &GroupShard) -> Self {
        let committed = shard.committed_offsets().take(SUMMARIZED_MAX);
        let committed = committed.map(|(group, topic, partition, committed)| CommittedOffset {
            group: Arc::clone(group),
            partition: TopicPartition::new(Arc::clone(topic), partition),
            offset: committed.offset,
        });
        let members = shard.member_counts().take(SUMMARIZED_MAX);
        Self {
            state: ShardState::Active,
            groups: shard.group_count(),
            groups_by_state: shard.groups_by_state().into_iter().collect(),
            offsets: shard.offset_count(),
            counters: shard.counters(),
            committed: committed.collect(),
            members: members
                .map(|(group, count)| (Arc::clone(group), count))
                .collect(),
        }
    }
}
