//! Where partitions begin and end, and what was written when.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use millrace_types::{NO_LEADER_EPOCH, NodeId, Offset, Timestamp, TopicPartition};
use millrace_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use millrace_wire::{ApiKey, Request};

use crate::admin::outcome::Outcome;
use crate::cluster::Client;
use crate::error::ClientError;

/// Which offset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    Earliest,
    /// Behind the last record that may be read.
    Latest,
    /// The first record at or after this time.
    At(Timestamp),
    /// The record with the largest timestamp.
    MaxTimestamp,
}

impl OffsetSpec {
    const fn timestamp(self) -> Timestamp {
        match self {
            Self::Earliest => -2,
            Self::Latest => -1,
            Self::At(timestamp) => timestamp,
            Self::MaxTimestamp => -3,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetAt {
    /// `None` when no record is that young.
    pub offset: Option<Offset>,
    pub timestamp: Option<Timestamp>,
}

impl Client {
    /// Offsets of many partitions, asked from their leaders at once.
    ///
    /// # Errors
    /// When a leader cannot be found or does not answer.
    pub async fn list_offsets(
        &self,
        wanted: &[(TopicPartition, OffsetSpec)],
        read_committed: bool,
    ) -> Result<Vec<(TopicPartition, OffsetAt)>, ClientError> {
        self.retrying(|| async {
            let mut by_leader: BTreeMap<NodeId, Vec<&(TopicPartition, OffsetSpec)>> =
                BTreeMap::new();
            for item in wanted {
                let leader = self.leader(&item.0.topic, item.0.partition).await?;
                by_leader.entry(leader).or_default().push(item);
            }
            let calls = by_leader
                .iter()
                .map(|(&leader, items)| self.list_on(leader, items, read_committed));
            match try_join_all(calls).await {
                Ok(found) => Ok(found.into_iter().flatten().collect()),
                Err(error) => {
                    let topics: Vec<_> =
                        wanted.iter().map(|(tp, _)| Arc::clone(&tp.topic)).collect();
                    self.refresh(&topics).await?;
                    Err(error)
                }
            }
        })
        .await
    }

    async fn list_on(
        &self,
        leader: NodeId,
        items: &[&(TopicPartition, OffsetSpec)],
        read_committed: bool,
    ) -> Result<Vec<(TopicPartition, OffsetAt)>, ClientError> {
        let mut topics: BTreeMap<&Arc<str>, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for (partition, spec) in items {
            topics
                .entry(&partition.topic)
                .or_default()
                .push(ListOffsetsPartition {
                    partition_index: partition.partition,
                    current_leader_epoch: NO_LEADER_EPOCH,
                    timestamp: spec.timestamp(),
                });
        }
        let topics = topics
            .into_iter()
            .map(|(name, partitions)| ListOffsetsTopic {
                name: Arc::clone(name),
                partitions,
            });
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: i8::from(read_committed),
            topics: topics.collect(),
            ..ListOffsetsRequest::default()
        };
        let answer = self.call_node(leader, &request, Duration::ZERO).await?;
        let mut found = Vec::new();
        for topic in answer.topics {
            for partition in topic.partitions {
                ClientError::check(partition.error_code, None)?;
                let at = OffsetAt {
                    offset: (partition.offset >= 0).then_some(partition.offset),
                    timestamp: (partition.timestamp >= 0).then_some(partition.timestamp),
                };
                let name = Arc::clone(&topic.name);
                found.push((TopicPartition::new(name, partition.partition_index), at));
            }
        }
        if found.len() < items.len() {
            return Err(Self::incomplete(ApiKey::ListOffsets, "a partition"));
        }
        Ok(found)
    }

    /// A call about one partition to its leader, again when the leader has moved.
    pub(crate) async fn on_leader<R: Request, T>(
        &self,
        partition: &TopicPartition,
        request: &R,
        read: impl Fn(&R::Response) -> Option<Outcome<T>>,
    ) -> Result<T, ClientError> {
        self.retrying(|| async {
            let leader = self.leader(&partition.topic, partition.partition).await?;
            let answer = self.call_node(leader, request, Duration::ZERO).await;
            let result = answer.and_then(|answer| {
                let missing = || Self::incomplete(R::KEY, partition.to_string());
                read(&answer).unwrap_or_else(|| Err(missing()))
            });
            if result.as_ref().is_err_and(ClientError::retryable) {
                self.refresh(std::slice::from_ref(&partition.topic)).await?;
            }
            result
        })
        .await
    }
}
