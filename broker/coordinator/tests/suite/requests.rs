//! Requests as clients make them, short to write.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use millrace_coordinator::{Caller, GroupRequest};
use millrace_types::Uuid;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use millrace_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use millrace_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use millrace_wire::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

/// What a client knows of its place in a group.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) group: Arc<str>,
    pub(crate) id: Arc<str>,
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) generation: i32,
}

impl Member {
    pub(crate) fn new(group: &str) -> Self {
        Self {
            group: Arc::from(group),
            id: Arc::from(""),
            instance: None,
            generation: -1,
        }
    }

    pub(crate) fn sync(&self, version: i16, assignments: &[(Arc<str>, Bytes)]) -> GroupRequest {
        let assignments =
            assignments
                .iter()
                .map(|(member_id, assignment)| SyncGroupRequestAssignment {
                    member_id: member_id.clone(),
                    assignment: assignment.clone(),
                });
        GroupRequest::Sync {
            version,
            request: SyncGroupRequest {
                group_id: self.group.clone(),
                generation_id: self.generation,
                member_id: self.id.clone(),
                group_instance_id: self.instance.clone(),
                protocol_type: None,
                protocol_name: None,
                assignments: assignments.collect(),
            },
        }
    }

    pub(crate) fn heartbeat(&self) -> GroupRequest {
        GroupRequest::Heartbeat(HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
        })
    }

    pub(crate) fn commit(&self, offsets: &[(&str, i32, i64, &str)]) -> GroupRequest {
        let topics =
            offsets.iter().map(
                |&(topic, partition, offset, metadata)| OffsetCommitRequestTopic {
                    name: Arc::from(topic),
                    partitions: vec![OffsetCommitRequestPartition {
                        partition_index: partition,
                        committed_offset: offset,
                        committed_leader_epoch: 7,
                        committed_metadata: Some(Arc::from(metadata)),
                    }],
                    ..OffsetCommitRequestTopic::default()
                },
            );
        GroupRequest::CommitOffsets {
            version: 9,
            request: OffsetCommitRequest {
                group_id: self.group.clone(),
                generation_id_or_member_epoch: self.generation,
                member_id: self.id.clone(),
                group_instance_id: self.instance.clone(),
                topics: topics.collect(),
                ..OffsetCommitRequest::default()
            },
        }
    }
}

pub(crate) fn join(caller: Caller, request: JoinGroupRequest) -> GroupRequest {
    GroupRequest::Join { caller, request }
}

pub(crate) fn caller(version: i16, client: &str, fresh: u128) -> Caller {
    Caller {
        version,
        client_id: Arc::from(client),
        client_host: Arc::from("/127.0.0.1"),
        fresh_id: Uuid(fresh.to_be_bytes()),
    }
}

pub(crate) fn protocol(name: &str, metadata: Bytes) -> JoinGroupRequestProtocol {
    JoinGroupRequestProtocol {
        name: Arc::from(name),
        metadata,
    }
}

/// A consumer's subscription to these topics, version 0.
pub(crate) fn subscription<'a>(topics: impl IntoIterator<Item = &'a str>) -> Bytes {
    let topics: Vec<&str> = topics.into_iter().collect();
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(i32::try_from(topics.len()).expect("few topics"));
    for topic in topics {
        bytes.put_i16(i16::try_from(topic.len()).expect("a short name"));
        bytes.put_slice(topic.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

pub(crate) fn leave(group: &str, version: i16, members: Vec<MemberIdentity>) -> GroupRequest {
    let mut request = LeaveGroupRequest {
        group_id: Arc::from(group),
        ..LeaveGroupRequest::default()
    };
    if version < 3 {
        request.member_id = members.first().expect("one member").member_id.clone();
    } else {
        request.members = members;
    }
    GroupRequest::Leave { version, request }
}

/// The committed offsets of these partitions, or of all.
pub(crate) fn fetch(group: &str, partitions: Option<&[(&str, i32)]>) -> GroupRequest {
    let topics = partitions.map(|partitions| {
        let topics = partitions
            .iter()
            .map(|&(topic, partition)| OffsetFetchRequestTopics {
                name: Arc::from(topic),
                partition_indexes: vec![partition],
                ..OffsetFetchRequestTopics::default()
            });
        topics.collect()
    });
    GroupRequest::FetchOffsets {
        request: OffsetFetchRequestGroup {
            group_id: Arc::from(group),
            topics,
            ..OffsetFetchRequestGroup::default()
        },
        require_stable: true,
    }
}
