//! AlterPartition: a leader reports who is in sync with it. Its epochs prove that it knows the
//! partition as it is.

use std::collections::BTreeSet;

use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::alter_partition_request::{
    AlterPartitionRequest, BrokerState, PartitionData,
};
use millrace_wire::messages::alter_partition_response::{
    AlterPartitionResponse, PartitionData as PartitionReply, TopicData as TopicReply,
};

use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::control::election::Wish;
use crate::control::leaders::elections::Elections;
use crate::image::partition::{LeaderRecovery, Partition, ids};
use crate::image::topics::Topic;
use crate::record::MetadataRecord;

/// Before this version, members of the in-sync set came without the epochs of their brokers.
const EPOCHS_SINCE: i16 = 3;
/// The epoch of a member is not known, and not checked.
const ANY_EPOCH: i64 = -1;

/// Decides AlterPartition. A partition that the request has twice is changed once.
pub fn alter_partition(
    context: Context<'_>,
    request: &AlterPartitionRequest,
    version: i16,
) -> Decision<AlterPartitionResponse> {
    let leader = match context.sender(request.broker_id, request.broker_epoch) {
        Ok(broker) => broker.id,
        Err(error) => {
            return Decision::answer(AlterPartitionResponse {
                error_code: error.code(),
                ..AlterPartitionResponse::default()
            });
        }
    };
    let elections = Elections::new(context);
    let mut seen = BTreeSet::new();
    let mut records = Vec::new();
    let mut topics = Vec::new();
    for asked in &request.topics {
        let topic = context.image.topics.get_by_id(asked.topic_id);
        let partitions = asked.partitions.iter().map(|data| {
            let report = Report {
                leader,
                version,
                data,
            };
            let first = seen.insert((asked.topic_id, data.partition_index));
            let altered = match topic {
                _ if !first => Err(ErrorCode::InvalidRequest),
                None => Err(ErrorCode::UnknownTopicId),
                Some(topic) => report.decide(&elections, topic, &mut records),
            };
            reply(data.partition_index, altered)
        });
        topics.push(TopicReply {
            topic_id: asked.topic_id,
            partitions: partitions.collect(),
        });
    }
    Decision {
        records,
        response: AlterPartitionResponse {
            topics,
            ..AlterPartitionResponse::default()
        },
    }
}

/// What a leader says about one partition.
struct Report<'a> {
    leader: NodeId,
    version: i16,
    data: &'a PartitionData,
}

impl Report<'_> {
    /// The partition as it will be.
    fn decide(
        &self,
        elections: &Elections<'_>,
        topic: &Topic,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<Partition, ErrorCode> {
        let index = self.data.partition_index;
        let partition = topic
            .partition(index)
            .ok_or(ErrorCode::UnknownTopicOrPartition)?;
        self.check_epochs(partition)?;
        let members = self.members();
        self.check_members(elections.context, partition, &members)?;
        let recovery = self.recovery(partition, members.len())?;
        let wish = Wish {
            isr: members
                .iter()
                .map(|member| NodeId(member.broker_id))
                .collect(),
            recovery,
            unclean_shutdown: None,
        };
        let Some(change) = elections.change(topic, index, partition, wish, None) else {
            return Ok(Partition::clone(partition));
        };
        let changed = partition.changed(&change);
        records.push(change.into());
        if changed.leader == Some(self.leader) {
            Ok(changed)
        } else {
            Err(ErrorCode::NewLeaderElected)
        }
    }

    fn members(&self) -> Vec<BrokerState> {
        if self.version >= EPOCHS_SINCE {
            return self.data.new_isr_with_epochs.clone();
        }
        let without_epoch = |&broker_id| BrokerState {
            broker_id,
            broker_epoch: ANY_EPOCH,
        };
        self.data.new_isr.iter().map(without_epoch).collect()
    }

    fn check_epochs(&self, partition: &Partition) -> Result<(), ErrorCode> {
        let data = self.data;
        if data.leader_epoch > partition.leader_epoch
            || data.partition_epoch > partition.partition_epoch
        {
            // The leader knows more: this node lost the right to decide and has not noticed.
            Err(ErrorCode::NotController)
        } else if data.leader_epoch < partition.leader_epoch {
            Err(ErrorCode::FencedLeaderEpoch)
        } else if partition.leader != Some(self.leader) {
            Err(ErrorCode::InvalidRequest)
        } else if data.partition_epoch < partition.partition_epoch {
            Err(ErrorCode::InvalidUpdateVersion)
        } else {
            Ok(())
        }
    }

    fn check_members(
        &self,
        context: Context<'_>,
        partition: &Partition,
        members: &[BrokerState],
    ) -> Result<(), ErrorCode> {
        let mut seen = Vec::new();
        for member in members {
            let node = NodeId(member.broker_id);
            if seen.contains(&node) || !partition.replicas.contains(&node) {
                return Err(ErrorCode::InvalidRequest);
            }
            seen.push(node);
        }
        if !seen.contains(&self.leader) {
            return Err(ErrorCode::InvalidRequest);
        }
        let may_join = |member: &BrokerState| {
            context
                .image
                .brokers
                .get(NodeId(member.broker_id))
                .is_some_and(|broker| {
                    let known = [ANY_EPOCH, broker.epoch].contains(&member.broker_epoch);
                    broker.is_active() && known
                })
        };
        if members.iter().all(may_join) {
            Ok(())
        } else {
            Err(ErrorCode::IneligibleReplica)
        }
    }

    /// A leader that recovers is alone in sync until it says that it has recovered.
    fn recovery(&self, partition: &Partition, members: usize) -> Result<LeaderRecovery, ErrorCode> {
        let state = LeaderRecovery::from_code(self.data.leader_recovery_state);
        match (partition.recovery, state) {
            (_, Some(LeaderRecovery::Recovered)) => Ok(LeaderRecovery::Recovered),
            (LeaderRecovery::Recovering, Some(LeaderRecovery::Recovering)) if members == 1 => {
                Ok(LeaderRecovery::Recovering)
            }
            _ => Err(ErrorCode::InvalidRequest),
        }
    }
}

fn reply(index: i32, altered: Result<Partition, ErrorCode>) -> PartitionReply {
    match altered {
        Ok(partition) => PartitionReply {
            partition_index: index,
            error_code: ErrorCode::None.code(),
            leader_id: partition.leader.unwrap_or(NodeId::NONE).0,
            leader_epoch: partition.leader_epoch,
            isr: ids(&partition.isr),
            leader_recovery_state: partition.recovery.code(),
            partition_epoch: partition.partition_epoch,
        },
        Err(error) => PartitionReply {
            partition_index: index,
            error_code: error.code(),
            ..PartitionReply::default()
        },
    }
}
