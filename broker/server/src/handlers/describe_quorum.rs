//! DescribeQuorum: who votes on the metadata, who leads, and how far everybody is.

use std::sync::Arc;

use millrace_quorum::QuorumStatus;
use millrace_types::{ErrorCode, NO_OFFSET, NodeId};
use millrace_wire::messages::describe_quorum_request::DescribeQuorumRequest;
use millrace_wire::messages::describe_quorum_response::{
    DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
};

use crate::call::Call;

/// The metadata log, as tools name it.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Nodes and directories are part of the answer since this version.
const NODES_SINCE: i16 = 2;

/// Times are part of the answer since this version.
const TIMES_SINCE: i16 = 1;

pub(crate) fn handle(call: &Call, request: DescribeQuorumRequest) -> DescribeQuorumResponse {
    let status = call.context.quorum.status();
    let topics = request.topics.into_iter().map(|topic| TopicData {
        partitions: topic
            .partitions
            .iter()
            .map(|asked| describe(call, &status, &topic.topic_name, asked.partition_index))
            .collect(),
        topic_name: topic.topic_name,
    });
    DescribeQuorumResponse {
        topics: topics.collect(),
        nodes: if call.version >= NODES_SINCE {
            nodes(call, &status)
        } else {
            Vec::new()
        },
        ..DescribeQuorumResponse::default()
    }
}

fn describe(call: &Call, status: &QuorumStatus, topic: &str, index: i32) -> PartitionData {
    if topic != METADATA_TOPIC || index != 0 {
        return PartitionData {
            partition_index: index,
            error_code: ErrorCode::UnknownTopicOrPartition.code(),
            ..PartitionData::default()
        };
    }
    let offset = |index: Option<u64>| index.and_then(|at| i64::try_from(at).ok());
    // Positions count from 1, offsets name the next one: they are the same number.
    let high_watermark = offset(status.committed.map(|committed| committed.index));
    PartitionData {
        leader_id: status.leadership.leader.unwrap_or(NodeId::NONE).0,
        leader_epoch: i32::try_from(status.leadership.term).unwrap_or(i32::MAX),
        high_watermark: high_watermark.unwrap_or(NO_OFFSET),
        current_voters: status
            .voters
            .iter()
            .map(|voter| replica(call, voter.node, offset(voter.last_index)))
            .collect(),
        ..PartitionData::default()
    }
}

fn replica(call: &Call, node: NodeId, end: Option<i64>) -> ReplicaState {
    let now = if call.version >= TIMES_SINCE {
        call.context.clock.now()
    } else {
        NO_OFFSET
    };
    let image = call.context.image.load();
    let dirs = image
        .brokers
        .get(node)
        .map(|broker| broker.log_dirs.clone());
    let directory = dirs.and_then(|dirs| dirs.first().copied());
    ReplicaState {
        replica_id: node.0,
        replica_directory_id: match directory {
            Some(directory) if call.version >= NODES_SINCE => directory,
            _ => millrace_types::Uuid::ZERO,
        },
        log_end_offset: end.unwrap_or(NO_OFFSET),
        // A fleet of one is always caught up with itself.
        last_fetch_timestamp: now,
        last_caught_up_timestamp: now,
    }
}

fn nodes(call: &Call, status: &QuorumStatus) -> Vec<Node> {
    let image = call.context.image.load();
    let voters = status.voters.iter();
    voters
        .filter_map(|voter| image.brokers.get(voter.node))
        .map(|broker| Node {
            node_id: broker.id.0,
            listeners: broker
                .endpoints
                .iter()
                .map(|endpoint| Listener {
                    name: Arc::clone(&endpoint.listener),
                    host: Arc::clone(&endpoint.host),
                    port: endpoint.port,
                })
                .collect(),
        })
        .collect()
}
