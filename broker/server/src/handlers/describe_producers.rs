//! DescribeProducers: which producers wrote to a partition lately, as its log remembers them.

use millrace_log::Log;
use millrace_types::{ErrorCode, NO_OFFSET};
use millrace_wire::messages::describe_producers_request::DescribeProducersRequest;
use millrace_wire::messages::describe_producers_response::{
    DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};

use crate::call::Call;

pub(crate) async fn handle(
    call: Call,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let mut response = DescribeProducersResponse::default();
    for topic in request.topics {
        let mut described = TopicResponse {
            name: topic.name.clone(),
            ..TopicResponse::default()
        };
        for index in topic.partition_indexes {
            described
                .partitions
                .push(describe(&call, &topic.name, index).await);
        }
        response.topics.push(described);
    }
    response
}

async fn describe(call: &Call, topic: &str, partition_index: i32) -> PartitionResponse {
    let failed = |code: ErrorCode| PartitionResponse {
        partition_index,
        error_code: code.code(),
        ..PartitionResponse::default()
    };
    let partition = match call.context.partition(topic, partition_index) {
        Ok(partition) => partition,
        Err(code) => return failed(code),
    };
    if !partition.is_leader() {
        return failed(ErrorCode::NotLeaderOrFollower);
    }
    match partition.exclusively(|log| producers_of(log)).await {
        Some(active_producers) => PartitionResponse {
            partition_index,
            active_producers,
            ..PartitionResponse::default()
        },
        None => failed(ErrorCode::KafkaStorageError),
    }
}

fn producers_of(log: &Log) -> Vec<ProducerState> {
    log.producers()
        .iter()
        .map(|(producer_id, state)| ProducerState {
            producer_id,
            producer_epoch: state.epoch.into(),
            last_sequence: state.last_sequence(),
            last_timestamp: state.last_timestamp,
            coordinator_epoch: state.coordinator_epoch,
            current_txn_start_offset: state.txn_first_offset.unwrap_or(NO_OFFSET),
        })
        .collect()
}
