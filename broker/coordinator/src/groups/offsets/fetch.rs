//! OffsetFetch: what a group has committed. A partition without an offset is no error.

use std::sync::Arc;

use millrace_types::{ErrorCode, NO_LEADER_EPOCH, NO_OFFSET, PartitionIndex, Uuid};
use millrace_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use millrace_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};

use crate::groups::offsets::store::{CommittedOffset, OffsetStore, Topics};

impl OffsetStore {
    pub(crate) fn fetch(&self, request: OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        let topics = self.of_group(&request.group_id);
        let found = match request.topics {
            None => topics.map(all).unwrap_or_default(),
            Some(wanted) => wanted
                .into_iter()
                .map(|topic| {
                    let partitions = topics.and_then(|topics| topics.get(&topic.name));
                    let answers = topic.partition_indexes.iter().map(|&index| {
                        let committed = partitions.and_then(|partitions| partitions.get(&index));
                        answer(
                            index,
                            committed.filter(|found| is_of(found, topic.topic_id)),
                        )
                    });
                    OffsetFetchResponseTopics {
                        partitions: answers.collect(),
                        name: topic.name,
                        topic_id: topic.topic_id,
                    }
                })
                .collect(),
        };
        OffsetFetchResponseGroup {
            group_id: request.group_id,
            topics: found,
            error_code: ErrorCode::None.code(),
        }
    }
}

fn all(topics: &Topics) -> Vec<OffsetFetchResponseTopics> {
    let topics = topics.iter().map(|(name, partitions)| {
        let answers = partitions
            .iter()
            .map(|(&index, committed)| answer(index, Some(committed)));
        let known_id = partitions.values().map(|committed| committed.topic_id);
        OffsetFetchResponseTopics {
            name: name.clone(),
            topic_id: known_id.max().unwrap_or(Uuid::ZERO),
            partitions: answers.collect(),
        }
    });
    topics.collect()
}

/// An offset of a topic that was deleted since, and made anew under the same name, is none.
fn is_of(committed: &CommittedOffset, topic_id: Uuid) -> bool {
    committed.topic_id.is_zero() || topic_id.is_zero() || committed.topic_id == topic_id
}

fn answer(
    partition_index: PartitionIndex,
    committed: Option<&CommittedOffset>,
) -> OffsetFetchResponsePartitions {
    let metadata = committed.and_then(|committed| committed.metadata.clone());
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: committed.map_or(NO_OFFSET, |committed| committed.offset),
        committed_leader_epoch: committed.map_or(NO_LEADER_EPOCH, |found| found.leader_epoch),
        metadata: Some(metadata.unwrap_or_else(|| Arc::from(""))),
        error_code: ErrorCode::None.code(),
    }
}
