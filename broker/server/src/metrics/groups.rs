//! How far consumer groups are, and how far behind.

use std::sync::Arc;

use millrace_replication::Topics;
use millrace_types::{Offset, TopicPartition};

use crate::groups::ShardSummary;
use crate::metrics::catalog as names;
use crate::metrics::families::Families;

/// Series of groups a scrape may have; more would drown everything else in it.
const GROUP_PARTITIONS_MAX: usize = 10_000;

/// An offset that a group has committed.
#[derive(Clone, Debug)]
pub struct CommittedOffset {
    pub group: Arc<str>,
    pub partition: TopicPartition,
    pub offset: Offset,
}

/// The groups that this broker coordinates. The lag is told where the partition is.
pub fn scrape(shards: &[ShardSummary], topics: &Topics, families: &mut Families) {
    let all = shards.iter().flat_map(|shard| &shard.committed);
    let shown: Vec<_> = all.take(GROUP_PARTITIONS_MAX).collect();
    let mut offsets = families.of(&names::GROUP_CURRENT_OFFSET);
    for commit in &shown {
        let index = commit.partition.partition.to_string();
        offsets.sample(
            &[&commit.group, &commit.partition.topic, &index],
            commit.offset as f64,
        );
    }
    drop(offsets);
    let mut lags = families.of(&names::GROUP_LAG);
    for commit in shown {
        let id = &commit.partition;
        if let Some(partition) = topics.partition(&id.topic, id.partition) {
            let lag = (partition.high_watermark() - commit.offset).max(0);
            lags.sample(
                &[&commit.group, &id.topic, &id.partition.to_string()],
                lag as f64,
            );
        }
    }
}
