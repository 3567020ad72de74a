//! Who votes on the metadata, who leads, and how far everybody is.

use millrace_types::{NodeId, Offset};
use millrace_wire::ApiKey;
use millrace_wire::messages::describe_quorum_request::{
    DescribeQuorumRequest, PartitionData, TopicData,
};
use millrace_wire::messages::describe_quorum_response::ReplicaState;

use crate::cluster::Client;
use crate::error::ClientError;

/// The metadata log, as the protocol names it.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// The quorum that keeps the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub high_watermark: Offset,
    pub voters: Vec<QuorumReplica>,
    pub observers: Vec<QuorumReplica>,
}

/// How far one copy of the metadata is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumReplica {
    pub id: NodeId,
    pub log_end_offset: Offset,
    /// Milliseconds of the leader's clock; `None` where the leader does not know.
    pub last_caught_up: Option<i64>,
}

impl Client {
    /// # Errors
    /// When the quorum has no leader that answers.
    pub async fn describe_quorum(&self) -> Result<Quorum, ClientError> {
        let request = DescribeQuorumRequest {
            topics: vec![TopicData {
                topic_name: METADATA_TOPIC.into(),
                partitions: vec![PartitionData { partition_index: 0 }],
            }],
        };
        self.retrying(|| async {
            let answer = self.call_any(&request).await?;
            ClientError::check(answer.error_code, answer.error_message.as_ref())?;
            let mut topics = answer.topics.into_iter();
            let mut partitions = topics.next().map(|topic| topic.partitions.into_iter());
            let Some(metadata) = partitions.as_mut().and_then(Iterator::next) else {
                return Err(Self::incomplete(ApiKey::DescribeQuorum, METADATA_TOPIC));
            };
            ClientError::check(metadata.error_code, metadata.error_message.as_ref())?;
            Ok(Quorum {
                leader: (metadata.leader_id >= 0).then_some(NodeId(metadata.leader_id)),
                leader_epoch: metadata.leader_epoch,
                high_watermark: metadata.high_watermark,
                voters: metadata.current_voters.iter().map(replica).collect(),
                observers: metadata.observers.iter().map(replica).collect(),
            })
        })
        .await
    }
}

fn replica(state: &ReplicaState) -> QuorumReplica {
    QuorumReplica {
        id: NodeId(state.replica_id),
        log_end_offset: state.log_end_offset,
        last_caught_up: (state.last_caught_up_timestamp >= 0)
            .then_some(state.last_caught_up_timestamp),
    }
}
