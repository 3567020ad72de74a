//! OffsetFetch: each group's coordinator answers for it. The newest versions name topics by id; the
//! coordinator knows names.

use millrace_coordinator::{GroupRequest, GroupResponse, join_offset_fetch, split_offset_fetch};
use millrace_types::{ErrorCode, NO_LEADER_EPOCH, NO_OFFSET};
use millrace_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use millrace_wire::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopics,
};

use crate::call::Call;
use crate::handlers::group::{mismatch, note, topic_name};

/// Topics have ids instead of names since this version.
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(call: Call, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let require_stable = request.require_stable;
    let mut answers = Vec::new();
    for group in split_offset_fetch(call.version, request) {
        answers.push(fetch(&call, group, require_stable).await);
    }
    join_offset_fetch(call.version, answers)
}

async fn fetch(
    call: &Call,
    mut group: OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let by_id = call.version >= TOPIC_IDS_SINCE;
    let unknown = if by_id {
        name_topics(call, &mut group)
    } else {
        Vec::new()
    };
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
        identify_topics(call, &mut answer);
    }
    answer.topics.extend(unknown);
    answer
}

/// Fills in names for ids; takes out the ids that nobody has, as the answer's part about them.
fn name_topics(call: &Call, group: &mut OffsetFetchRequestGroup) -> Vec<OffsetFetchResponseTopics> {
    let mut unknown = Vec::new();
    if let Some(topics) = &mut group.topics {
        topics.retain_mut(
            |topic| match topic_name(call, true, &topic.name, topic.topic_id) {
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
    unknown
}

/// Fills in ids for names; a topic that is gone by now has none.
fn identify_topics(call: &Call, answer: &mut OffsetFetchResponseGroup) {
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
