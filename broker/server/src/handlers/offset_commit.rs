//! OffsetCommit: topics that are not there are refused here, the rest is the coordinator's.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_types::ErrorCode;
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestTopic,
};
use millrace_wire::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};

use crate::call::Call;
use crate::handlers::group::{mismatch, note, topic_name};

/// Topics have ids instead of names since this version.
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(call: Call, mut request: OffsetCommitRequest) -> OffsetCommitResponse {
    let by_id = call.version >= TOPIC_IDS_SINCE;
    let mut refused = Vec::new();
    let asked = std::mem::take(&mut request.topics);
    let ids: Vec<_> = asked.iter().map(|topic| topic.topic_id).collect();
    let mut kept_ids = Vec::new();
    for (mut topic, id) in asked.into_iter().zip(ids) {
        match topic_name(&call, by_id, &topic.name, id) {
            None => refused.push(refuse(&topic, ErrorCode::UnknownTopicId)),
            Some(name) => {
                topic.name = name;
                if let Some(missing) = without_missing(&call, &mut topic) {
                    refused.push(missing);
                }
                if !topic.partitions.is_empty() {
                    kept_ids.push((topic.name.clone(), id));
                    request.topics.push(topic);
                }
            }
        }
    }
    let mut response = if request.topics.is_empty() && !refused.is_empty() {
        OffsetCommitResponse::default()
    } else {
        let asked = GroupRequest::CommitOffsets {
            version: call.version,
            request,
        };
        match call.context.groups.ask(asked).await {
            GroupResponse::CommitOffsets(response) => response,
            other => mismatch(&other),
        }
    };
    for topic in &mut response.topics {
        let id = kept_ids
            .iter()
            .find(|(name, _)| *name == topic.name)
            .map(|(_, id)| *id);
        topic.topic_id = id.unwrap_or_default();
    }
    response.topics.extend(refused);
    for partition in response.topics.iter().flat_map(|topic| &topic.partitions) {
        note(&call, partition.error_code);
    }
    response
}

/// Takes out the partitions that the fleet does not have, as the answer's part about them.
fn without_missing(
    call: &Call,
    topic: &mut OffsetCommitRequestTopic,
) -> Option<OffsetCommitResponseTopic> {
    let image = call.context.image.load();
    let known = image.topics.get(&topic.name);
    let exists = |index| known.is_some_and(|known| known.partition(index).is_some());
    let missing: Vec<_> = topic
        .partitions
        .extract_if(.., |part| !exists(part.partition_index))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let missing = OffsetCommitRequestTopic {
        partitions: missing,
        ..topic.clone()
    };
    Some(refuse(&missing, ErrorCode::UnknownTopicOrPartition))
}

fn refuse(topic: &OffsetCommitRequestTopic, code: ErrorCode) -> OffsetCommitResponseTopic {
    let partitions = topic
        .partitions
        .iter()
        .map(|part| OffsetCommitResponsePartition {
            partition_index: part.partition_index,
            error_code: code.code(),
        });
    OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}
