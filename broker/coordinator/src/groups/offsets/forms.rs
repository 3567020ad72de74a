//! OffsetFetch in its two forms: about one group up to version 7, about several from 8 on. Groups
//! have different shards, so a request is taken apart before it is served, and its answer put
//! together.

use millrace_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use millrace_wire::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};

const FIRST_VERSION_WITH_GROUPS: i16 = 8;

/// The groups that a request asks about.
#[must_use]
pub fn split_offset_fetch(
    version: i16,
    request: OffsetFetchRequest,
) -> Vec<OffsetFetchRequestGroup> {
    if version >= FIRST_VERSION_WITH_GROUPS {
        return request.groups;
    }
    let topics = request.topics;
    vec![OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics: topics.map(|topics| topics.into_iter().map(wanted).collect()),
        ..OffsetFetchRequestGroup::default()
    }]
}

fn wanted(topic: OffsetFetchRequestTopic) -> OffsetFetchRequestTopics {
    OffsetFetchRequestTopics {
        name: topic.name,
        partition_indexes: topic.partition_indexes,
        ..OffsetFetchRequestTopics::default()
    }
}

/// The answer made of the groups' answers, in the order of the request.
#[must_use]
pub fn join_offset_fetch(
    version: i16,
    groups: Vec<OffsetFetchResponseGroup>,
) -> OffsetFetchResponse {
    let mut response = OffsetFetchResponse::default();
    if version >= FIRST_VERSION_WITH_GROUPS {
        response.groups = groups;
    } else if let Some(group) = groups.into_iter().next() {
        response.error_code = group.error_code;
        response.topics = group.topics.into_iter().map(found).collect();
    }
    response
}

fn found(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(found_partition).collect(),
    }
}

fn found_partition(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition {
    OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use millrace_types::ErrorCode;
    use millrace_wire::Message;

    use super::*;
    use crate::groups::request::{GroupRequest, GroupResponse};

    fn group(name: &str) -> OffsetFetchRequestGroup {
        OffsetFetchRequestGroup {
            group_id: Arc::from(name),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: Arc::from("t"),
                partition_indexes: vec![3],
                ..OffsetFetchRequestTopics::default()
            }]),
            ..OffsetFetchRequestGroup::default()
        }
    }

    fn request(version: i16) -> OffsetFetchRequest {
        if version >= FIRST_VERSION_WITH_GROUPS {
            let groups = vec![group("g"), group("h")];
            return OffsetFetchRequest {
                groups,
                ..OffsetFetchRequest::default()
            };
        }
        OffsetFetchRequest {
            group_id: Arc::from("g"),
            topics: Some(vec![OffsetFetchRequestTopic {
                name: Arc::from("t"),
                partition_indexes: vec![3],
            }]),
            ..OffsetFetchRequest::default()
        }
    }

    #[test]
    fn every_version_is_taken_apart_and_refused_in_a_form_it_can_carry() {
        for version in 1..=10 {
            let groups = split_offset_fetch(version, request(version));
            let expected = [group("g"), group("h")];
            let count = if version >= FIRST_VERSION_WITH_GROUPS {
                2
            } else {
                1
            };
            assert_eq!(groups, expected[..count]);
            let refused = groups.into_iter().map(|request| {
                let request = GroupRequest::FetchOffsets {
                    request,
                    require_stable: false,
                };
                match request.refuse(ErrorCode::CoordinatorLoadInProgress) {
                    GroupResponse::FetchOffsets(group) => group,
                    other => unreachable!("{other:?}"),
                }
            });
            let response = join_offset_fetch(version, refused.collect());
            let old = response.topics.iter().flat_map(|topic| &topic.partitions);
            let old: Vec<i16> = old.map(|partition| partition.error_code).collect();
            let new: Vec<i16> = response
                .groups
                .iter()
                .map(|group| group.error_code)
                .collect();
            let loading = ErrorCode::CoordinatorLoadInProgress.code();
            assert_eq!([old, new].concat(), vec![loading; count]);
            assert!(response.to_bytes(version).is_ok(), "version {version}");
        }
    }
}
