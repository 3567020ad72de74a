//! OffsetForLeaderEpoch: where the records of an epoch end, so that a consumer notices when its
//! past was rewritten.

use millrace_types::{ErrorCode, NO_LEADER_EPOCH, NO_OFFSET};
use millrace_wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition,
};
use millrace_wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};

use crate::call::Call;

pub(crate) fn handle(
    call: &Call,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request
        .topics
        .into_iter()
        .map(|topic| OffsetForLeaderTopicResult {
            partitions: topic
                .partitions
                .iter()
                .map(|asked| answer(call, &topic.topic, asked))
                .collect(),
            topic: topic.topic,
        });
    OffsetForLeaderEpochResponse {
        topics: topics.collect(),
        ..OffsetForLeaderEpochResponse::default()
    }
}

fn answer(call: &Call, topic: &str, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let partition = call.context.partition(topic, asked.partition);
    let found = partition.and_then(|partition| {
        partition.check_epoch(asked.current_leader_epoch)?;
        Ok(partition.view().end_offset_for_epoch(asked.leader_epoch))
    });
    let nothing = (NO_LEADER_EPOCH, NO_OFFSET);
    let (code, (leader_epoch, end_offset)) = match found {
        Ok(end) => (ErrorCode::None, end.unwrap_or(nothing)),
        Err(code) => (code, nothing),
    };
    EpochEndOffset {
        error_code: code.code(),
        partition: asked.partition,
        leader_epoch,
        end_offset,
    }
}
