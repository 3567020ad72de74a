//! The groups that this broker coordinates: how many, how far they are, and how far behind.

use std::sync::Arc;

use millrace_coordinator::Counters;
use millrace_replication::Topics;
use millrace_types::{Offset, TopicPartition};

use crate::groups::{ShardState, ShardSummary};
use crate::metrics::catalog as names;
use crate::metrics::catalog::Metric;
use crate::metrics::families::Families;

/// Committed offsets that have series of their own; more would drown everything else in a scrape.
const SERIES_OFFSETS_MAX: usize = 10_000;

/// Groups that have series of their own.
const SERIES_GROUPS_MAX: usize = 10_000;

/// An offset that a group has committed.
#[derive(Clone, Debug)]
pub struct CommittedOffset {
    pub group: Arc<str>,
    pub partition: TopicPartition,
    pub offset: Offset,
}

pub fn scrape(shards: &[ShardSummary], topics: &Topics, families: &mut Families) {
    totals(shards, families);
    let members = shards.iter().flat_map(|shard| &shard.members);
    let mut counts = families.of(&names::GROUP_MEMBERS);
    for (group, count) in members.take(SERIES_GROUPS_MAX) {
        counts.sample(&[group], *count as f64);
    }
    drop(counts);
    let committed = shards.iter().flat_map(|shard| &shard.committed);
    let shown: Vec<_> = committed.take(SERIES_OFFSETS_MAX).collect();
    let omitted = sum(shards, |shard| shard.offsets as f64) - shown.len() as f64;
    families.value(&names::OMITTED_GROUP_OFFSETS, omitted.max(0.0));
    offsets(&shown, families);
    lags(&shown, topics, families);
}

/// Kafka has a gauge for each state of classic groups. None of ours is ever dead: it is gone.
const STATES: [(&Metric, &str); 5] = [
    (&names::GROUPS_PREPARING, "PreparingRebalance"),
    (&names::GROUPS_COMPLETING, "CompletingRebalance"),
    (&names::GROUPS_STABLE, "Stable"),
    (&names::GROUPS_EMPTY, "Empty"),
    (&names::GROUPS_DEAD, "Dead"),
];

const SHARD_STATES: [(ShardState, &str); 3] = [
    (ShardState::Loading, "loading"),
    (ShardState::Active, "active"),
    (ShardState::Failed, "failed"),
];

type Counted = (&'static Metric, fn(&Counters) -> u64);

const COUNTS: [Counted; 4] = [
    (&names::GROUP_REBALANCES, |count| count.completed_rebalances),
    (&names::GROUP_COMMITS, |count| count.offset_commits),
    (&names::GROUP_EXPIRATIONS, |count| count.offset_expirations),
    (&names::GROUP_DELETIONS, |count| count.offset_deletions),
];

fn totals(shards: &[ShardSummary], families: &mut Families) {
    families.value(&names::GROUPS, sum(shards, |shard| shard.groups as f64));
    for (metric, state) in STATES {
        let by_state = shards.iter().flat_map(|shard| &shard.groups_by_state);
        let in_state = by_state.filter(|(name, _)| *name == state);
        let count: usize = in_state.map(|(_, count)| count).sum();
        families.value(metric, count as f64);
    }
    families.value(
        &names::GROUP_OFFSETS,
        sum(shards, |shard| shard.offsets as f64),
    );
    let mut partitions = families.of(&names::GROUP_PARTITIONS);
    for (state, label) in SHARD_STATES {
        let in_state = shards.iter().filter(|shard| shard.state == state);
        partitions.sample(&[label], in_state.count() as f64);
    }
    drop(partitions);
    for (metric, count) in COUNTS {
        let total = sum(shards, |shard| count(&shard.counters) as f64);
        families.value(metric, total);
    }
}

fn offsets(shown: &[&CommittedOffset], families: &mut Families) {
    let mut family = families.of(&names::GROUP_CURRENT_OFFSET);
    for commit in shown {
        let id = &commit.partition;
        let labels = [&*commit.group, &*id.topic, &id.partition.to_string()];
        family.sample(&labels, commit.offset as f64);
    }
}

/// The lag is told where the partition is.
fn lags(shown: &[&CommittedOffset], topics: &Topics, families: &mut Families) {
    let mut family = families.of(&names::GROUP_LAG);
    for commit in shown {
        let id = &commit.partition;
        if let Some(partition) = topics.partition(&id.topic, id.partition) {
            let lag = (partition.high_watermark() - commit.offset).max(0);
            let labels = [&*commit.group, &*id.topic, &id.partition.to_string()];
            family.sample(&labels, lag as f64);
        }
    }
}

fn sum(shards: &[ShardSummary], of: impl Fn(&ShardSummary) -> f64) -> f64 {
    shards.iter().map(of).sum()
}
