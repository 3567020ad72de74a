//! DeleteRecords: moves the start of a log forward.

use millrace_types::{ErrorCode, NO_OFFSET, Offset};
use millrace_wire::messages::delete_records_request::DeleteRecordsRequest;
use millrace_wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
};

use crate::call::Call;

/// "Everything that is committed."
const UP_TO_HIGH_WATERMARK: Offset = -1;

pub(crate) async fn handle(call: Call, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut response = DeleteRecordsResponse::default();
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let deleted = delete(&call, &topic.name, asked.partition_index, asked.offset).await;
            let (code, low_watermark) = match deleted {
                Ok(low_watermark) => (ErrorCode::None, low_watermark),
                Err(code) => (code, NO_OFFSET),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: asked.partition_index,
                low_watermark,
                error_code: code.code(),
            });
        }
        response.topics.push(DeleteRecordsTopicResult {
            name: topic.name,
            partitions,
        });
    }
    response
}

async fn delete(call: &Call, topic: &str, index: i32, offset: Offset) -> Result<Offset, ErrorCode> {
    let partition = call.context.partition(topic, index)?;
    partition.check_epoch(millrace_types::NO_LEADER_EPOCH)?;
    if millrace_types::is_internal_topic(topic) || !partition.topic().config.load().cleanup.delete {
        return Err(ErrorCode::PolicyViolation);
    }
    let high_watermark = partition.high_watermark();
    let target = if offset == UP_TO_HIGH_WATERMARK {
        high_watermark
    } else {
        offset
    };
    if !(0..=high_watermark).contains(&target) {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let deleted = partition
        .exclusively(move |log| log.delete_records(target))
        .await;
    match deleted {
        Some(Ok(())) => Ok(partition.view().start_offset()),
        Some(Err(error)) => Err(partition.code_of(&error)),
        None => Err(ErrorCode::KafkaStorageError),
    }
}
