//! Consumer groups: who is in them, what they have read, and taking them away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::try_join_all;
use millrace_types::{NO_LEADER_EPOCH, Offset, TopicPartition};
use millrace_wire::messages::consumer_protocol_assignment::ConsumerProtocolAssignment;
use millrace_wire::messages::delete_groups_request::DeleteGroupsRequest;
use millrace_wire::messages::describe_groups_request::DescribeGroupsRequest;
use millrace_wire::messages::describe_groups_response::DescribedGroupMember;
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use millrace_wire::messages::offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup};
use millrace_wire::{ApiKey, Decoder, Message};

use crate::admin::outcome::moved;
use crate::cluster::Client;
use crate::error::ClientError;
use crate::routing::CoordinatorKind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    pub id: Arc<str>,
    pub protocol_type: Arc<str>,
    pub state: Arc<str>,
    pub kind: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    pub id: Arc<str>,
    pub instance: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub host: Arc<str>,
    pub assigned: Vec<TopicPartition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub id: Arc<str>,
    pub state: Arc<str>,
    pub protocol: Arc<str>,
    pub members: Vec<GroupMember>,
}

/// Where a group stands in a partition: the next offset it will read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOffset {
    pub offset: Offset,
    pub leader_epoch: i32,
    pub metadata: Arc<str>,
}

impl Client {
    /// Every group of every broker.
    ///
    /// # Errors
    /// When a broker does not answer: a list with holes would look like a cluster without them.
    pub async fn list_groups(&self) -> Result<Vec<GroupListing>, ClientError> {
        self.retrying(|| async {
            let view = self.cluster().await?;
            let request = ListGroupsRequest::default();
            let calls = view.brokers.keys();
            let calls = calls.map(|&node| self.call_node(node, &request, Duration::ZERO));
            let mut groups = BTreeMap::new();
            for answer in try_join_all(calls).await? {
                ClientError::check(answer.error_code, None)?;
                for group in answer.groups {
                    let listing = GroupListing {
                        id: Arc::clone(&group.group_id),
                        protocol_type: group.protocol_type,
                        state: group.group_state,
                        kind: group.group_type,
                    };
                    groups.insert(group.group_id, listing);
                }
            }
            Ok(groups.into_values().collect())
        })
        .await
    }

    /// One group's state and members.
    ///
    /// # Errors
    /// When its coordinator does not answer, or the group does not exist.
    pub async fn describe_group(&self, group: &Arc<str>) -> Result<GroupDescription, ClientError> {
        let request = DescribeGroupsRequest {
            groups: vec![Arc::clone(group)],
            ..DescribeGroupsRequest::default()
        };
        let answer = self
            .call_coordinator(CoordinatorKind::Group, group, &request, |r| {
                moved(r.groups.iter().map(|g| g.error_code))
            })
            .await?;
        let Some(found) = answer.groups.into_iter().next() else {
            return Err(Self::incomplete(ApiKey::DescribeGroups, &**group));
        };
        ClientError::check(found.error_code, found.error_message.as_ref())?;
        Ok(GroupDescription {
            id: found.group_id,
            state: found.group_state,
            protocol: found.protocol_data,
            members: found.members.into_iter().map(member).collect(),
        })
    }

    /// Deletes groups without members.
    ///
    /// # Errors
    /// When the coordinator does not answer or refuses.
    pub async fn delete_group(&self, group: &Arc<str>) -> Result<(), ClientError> {
        let request = DeleteGroupsRequest {
            groups_names: vec![Arc::clone(group)],
        };
        let answer = self
            .call_coordinator(CoordinatorKind::Group, group, &request, |r| {
                moved(r.results.iter().map(|g| g.error_code))
            })
            .await?;
        match answer.results.first() {
            Some(result) => ClientError::check(result.error_code, None),
            None => Err(Self::incomplete(ApiKey::DeleteGroups, &**group)),
        }
    }

    /// Every offset that a group has committed.
    ///
    /// # Errors
    /// When the coordinator does not answer or refuses.
    pub async fn group_offsets(
        &self,
        group: &Arc<str>,
    ) -> Result<BTreeMap<TopicPartition, GroupOffset>, ClientError> {
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: Arc::clone(group),
                topics: None,
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let answer = self
            .call_coordinator(CoordinatorKind::Group, group, &request, |r| {
                moved(r.groups.iter().map(|g| g.error_code))
            })
            .await?;
        let Some(found) = answer.groups.into_iter().next() else {
            return Err(Self::incomplete(ApiKey::OffsetFetch, &**group));
        };
        ClientError::check(found.error_code, None)?;
        let mut offsets = BTreeMap::new();
        for topic in found.topics {
            for partition in topic.partitions {
                ClientError::check(partition.error_code, None)?;
                if partition.committed_offset < 0 {
                    continue;
                }
                let name = Arc::clone(&topic.name);
                let offset = GroupOffset {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.metadata.unwrap_or_default(),
                };
                offsets.insert(TopicPartition::new(name, partition.partition_index), offset);
            }
        }
        Ok(offsets)
    }

    /// Sets a group's offsets from outside; the group must be empty.
    ///
    /// # Errors
    /// When the coordinator does not answer, or refuses one of the offsets.
    pub async fn set_group_offsets(
        &self,
        group: &Arc<str>,
        offsets: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<(), ClientError> {
        let request = commit_request(group, -1, &Arc::default(), offsets);
        self.commit(group, &request).await
    }

    pub(crate) async fn commit(
        &self,
        group: &Arc<str>,
        request: &OffsetCommitRequest,
    ) -> Result<(), ClientError> {
        let answer = self
            .call_coordinator(CoordinatorKind::Group, group, request, |r| {
                let partitions = r.topics.iter().flat_map(|topic| &topic.partitions);
                moved(partitions.map(|partition| partition.error_code))
            })
            .await?;
        for partition in answer.topics.iter().flat_map(|topic| &topic.partitions) {
            ClientError::check(partition.error_code, None)?;
        }
        Ok(())
    }
}

pub(crate) fn commit_request(
    group: &Arc<str>,
    generation: i32,
    member: &Arc<str>,
    offsets: &BTreeMap<TopicPartition, Offset>,
) -> OffsetCommitRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<_>> = BTreeMap::new();
    for (partition, &offset) in offsets {
        let entry = topics.entry(&partition.topic).or_default();
        entry.push(OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: offset,
            committed_leader_epoch: NO_LEADER_EPOCH,
            committed_metadata: Some(Arc::default()),
        });
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| OffsetCommitRequestTopic {
            name: Arc::clone(name),
            partitions,
            ..OffsetCommitRequestTopic::default()
        });
    OffsetCommitRequest {
        group_id: Arc::clone(group),
        generation_id_or_member_epoch: generation,
        member_id: Arc::clone(member),
        topics: topics.collect(),
        ..OffsetCommitRequest::default()
    }
}

fn member(member: DescribedGroupMember) -> GroupMember {
    GroupMember {
        id: member.member_id,
        instance: member.group_instance_id,
        client_id: member.client_id,
        host: member.client_host,
        assigned: assigned_partitions(member.member_assignment).unwrap_or_default(),
    }
}

/// What an assignment of the consumer protocol holds: its version, then the partitions.
pub(crate) fn assigned_partitions(bytes: Bytes) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut decoder = Decoder::new(bytes);
    let newest = ConsumerProtocolAssignment::VERSIONS.max;
    let version = decoder.int16().ok()?.clamp(0, newest);
    let assignment = ConsumerProtocolAssignment::decode(&mut decoder, version).ok()?;
    let topics = assignment.assigned_partitions.into_iter();
    let partitions = topics.flat_map(|topic| {
        let name = topic.topic;
        let indexes = topic.partitions.into_iter();
        indexes.map(move |index| TopicPartition::new(Arc::clone(&name), index))
    });
    Some(partitions.collect())
}
