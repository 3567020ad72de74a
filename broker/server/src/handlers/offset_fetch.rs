//! OffsetFetch: each group's coordinator answers for it. Old versions ask for one group in the
//! request itself, newer ones for several, the newest name topics by id.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_types::{ErrorCode, NO_LEADER_EPOCH, NO_OFFSET};
use millrace_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use millrace_wire::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};

use crate::call::Call;
use crate::handlers::group::{mismatch, note, topic_name};

/// Several groups at once since this version.
const MANY_GROUPS_SINCE: i16 = 8;

/// One error for the whole answer since this version; before, each partition has it.
const TOP_LEVEL_ERROR_SINCE: i16 = 2;

/// Topics have ids instead of names since this version.
const TOPIC_IDS_SINCE: i16 = 10;

pub async fn handle(call: Call, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let require_stable = request.require_stable;
    let mut response = OffsetFetchResponse::default();
    if call.version >= MANY_GROUPS_SINCE {
        for group in request.groups {
            let answer = fetch(&call, group, require_stable).await;
            response.groups.push(answer);
        }
        return response;
    }
    let topics = request.topics.map(|topics| {
        let topic =
            |topic: millrace_wire::messages::offset_fetch_request::OffsetFetchRequestTopic| {
                OffsetFetchRequestTopics {
                    name: topic.name,
                    partition_indexes: topic.partition_indexes,
                    ..OffsetFetchRequestTopics::default()
                }
            };
        topics.into_iter().map(topic).collect::<Vec<_>>()
    });
    let asked = topics.clone();
    let group = OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    };
    let answer = fetch(&call, group, require_stable).await;
    if answer.error_code != 0 && call.version < TOP_LEVEL_ERROR_SINCE {
        response.topics = with_error(asked.unwrap_or_default(), answer.error_code);
        return response;
    }
    response.error_code = answer.error_code;
    response.topics = answer.topics.into_iter().map(old_form).collect();
    response
}

async fn fetch(
    call: &Call,
    mut group: OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let by_id = call.version >= TOPIC_IDS_SINCE;
    let mut unknown = Vec::new();
    if by_id && let Some(topics) = &mut group.topics {
        topics.retain_mut(
            |topic| match topic_name(call, by_id, &topic.name, topic.topic_id) {
                Some(name) => {
                    topic.name = name;
                    true
                }
                None => {
                    unknown.push(unknown_id(topic));
                    false
                }
            },
        );
    }
    let asked = GroupRequest::FetchOffsets {
        request: group,
        require_stable,
    };
    let mut answer = match call.context.groups.ask(asked).await {
        GroupResponse::FetchOffsets(answer) => answer,
        other => mismatch(&other),
    };
    note(call, answer.error_code);
    if by_id {
        let image = call.context.image.load();
        answer
            .topics
            .retain_mut(|topic| match image.topics.get(&topic.name) {
                Some(known) => {
                    topic.topic_id = known.id;
                    true
                }
                None => false,
            });
    }
    answer.topics.extend(unknown);
    answer
}

fn unknown_id(topic: &OffsetFetchRequestTopics) -> OffsetFetchResponseTopics {
    let partitions =
        topic
            .partition_indexes
            .iter()
            .map(|&partition_index| OffsetFetchResponsePartitions {
                partition_index,
                committed_offset: NO_OFFSET,
                committed_leader_epoch: NO_LEADER_EPOCH,
                metadata: Some("".into()),
                error_code: ErrorCode::UnknownTopicId.code(),
            });
    OffsetFetchResponseTopics {
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
        ..OffsetFetchResponseTopics::default()
    }
}

fn old_form(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let partitions = topic
        .partitions
        .into_iter()
        .map(|partition| OffsetFetchResponsePartition {
            partition_index: partition.partition_index,
            committed_offset: partition.committed_offset,
            committed_leader_epoch: partition.committed_leader_epoch,
            metadata: partition.metadata,
            error_code: partition.error_code,
        });
    OffsetFetchResponseTopic {
        name: topic.name,
        partitions: partitions.collect(),
    }
}

fn with_error(
    asked: Vec<OffsetFetchRequestTopics>,
    error_code: i16,
) -> Vec<OffsetFetchResponseTopic> {
    let topic = |topic: OffsetFetchRequestTopics| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic
            .partition_indexes
            .into_iter()
            .map(|partition_index| OffsetFetchResponsePartition {
                partition_index,
                committed_offset: NO_OFFSET,
                committed_leader_epoch: NO_LEADER_EPOCH,
                metadata: Some("".into()),
                error_code,
            })
            .collect(),
    };
    asked.into_iter().map(topic).collect()
}
