//! Answers for partitions whose batch was not taken, and how they are counted.

use millrace_records::InvalidBatch;
use millrace_replication::{AppendError, Partition, Topic};
use millrace_types::{ErrorCode, NO_OFFSET, NO_TIMESTAMP};
use millrace_wire::messages::produce_response::{
    BatchIndexAndErrorMessage, PartitionProduceResponse,
};

use crate::call::Call;

pub(super) fn error_response(index: i32, code: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: code.code(),
        base_offset: NO_OFFSET,
        log_append_time_ms: NO_TIMESTAMP,
        log_start_offset: NO_OFFSET,
        ..PartitionProduceResponse::default()
    }
}

/// A batch that is not fit for its topic.
pub(super) fn invalid(index: i32, error: &InvalidBatch) -> PartitionProduceResponse {
    let mut response = error_response(index, error.code());
    response.error_message = Some(error.to_string().into());
    response.record_errors = error
        .rejected_records()
        .iter()
        .map(|record| BatchIndexAndErrorMessage {
            batch_index: record.index,
            batch_index_error_message: Some(record.reason.to_string().into()),
        })
        .collect();
    response
}

/// A batch that the partition did not take.
pub(super) fn refused(
    call: &Call,
    topic: &Topic,
    partition: &Partition,
    error: &AppendError,
) -> PartitionProduceResponse {
    let code = error.code();
    count_failure(call, topic, code, 0);
    let mut response = error_response(partition.id().partition, code);
    response.error_message = Some(error.to_string().into());
    response
}

pub(super) fn count_failure(call: &Call, topic: &Topic, code: ErrorCode, rejected_bytes: u64) {
    call.context.metrics.requests.failed(call.key, code);
    for meter in [&topic.shared.meter, &call.context.metrics.all_topics] {
        meter.failed_produce_requests.increment();
        meter.bytes_rejected.add(rejected_bytes);
        match code {
            ErrorCode::CorruptMessage => meter.invalid_crc_records.increment(),
            ErrorCode::OutOfOrderSequenceNumber => meter.invalid_sequence_records.increment(),
            _ => {}
        }
    }
}
