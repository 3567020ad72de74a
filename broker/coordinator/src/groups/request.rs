//! What a group coordinator can be asked and what it answers, in the protocol's own messages.
//! Requests that name several groups are split by group beforehand, as each has its own shard.

use std::sync::Arc;

use millrace_types::{ErrorCode, NO_OFFSET, Uuid};
use millrace_wire::messages::delete_groups_response::DeletableGroupResult;
use millrace_wire::messages::describe_groups_response::DescribedGroup;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::heartbeat_response::HeartbeatResponse;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::join_group_response::JoinGroupResponse;
use millrace_wire::messages::leave_group_request::LeaveGroupRequest;
use millrace_wire::messages::leave_group_response::LeaveGroupResponse;
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::list_groups_response::ListedGroup;
use millrace_wire::messages::offset_commit_request::OffsetCommitRequest;
use millrace_wire::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use millrace_wire::messages::offset_delete_request::OffsetDeleteRequest;
use millrace_wire::messages::offset_delete_response::OffsetDeleteResponse;
use millrace_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use millrace_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use millrace_wire::messages::sync_group_request::SyncGroupRequest;
use millrace_wire::messages::sync_group_response::SyncGroupResponse;

use crate::result::coordinator_error;

/// Who sent a join.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The version of the request.
    pub version: i16,
    pub client_id: Arc<str>,
    /// Where the connection comes from, as tools show it: `/` and the address.
    pub client_host: Arc<str>,
    /// Fresh and random: becomes part of the member id if one has to be made.
    pub fresh_id: Uuid,
}

#[derive(Clone, Debug)]
pub enum GroupRequest {
    Join {
        caller: Caller,
        request: JoinGroupRequest,
    },
    Sync {
        version: i16,
        request: SyncGroupRequest,
    },
    Heartbeat(HeartbeatRequest),
    Leave {
        version: i16,
        request: LeaveGroupRequest,
    },
    /// Topic names are filled in even where the version has only ids.
    CommitOffsets {
        version: i16,
        request: OffsetCommitRequest,
    },
    /// One group of the request; topic names are filled in even where the version has only ids.
    FetchOffsets {
        request: OffsetFetchRequestGroup,
        require_stable: bool,
    },
    DeleteOffsets(OffsetDeleteRequest),
    /// One group of the request.
    Describe {
        version: i16,
        group_id: Arc<str>,
    },
    /// The part of the answer that is this shard's.
    List(ListGroupsRequest),
    /// One group of the request.
    Delete {
        group_id: Arc<str>,
    },
    /// These topics are gone, and so are their committed offsets.
    ForgetTopics {
        topics: Vec<Arc<str>>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum GroupResponse {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    Leave(LeaveGroupResponse),
    CommitOffsets(OffsetCommitResponse),
    FetchOffsets(OffsetFetchResponseGroup),
    DeleteOffsets(OffsetDeleteResponse),
    Describe(DescribedGroup),
    /// The listed groups, or why this shard cannot say.
    List(Result<Vec<ListedGroup>, ErrorCode>),
    Delete(DeletableGroupResult),
    ForgetTopics(Result<(), ErrorCode>),
}

impl GroupRequest {
    /// Decides which shard is asked; a request without a group is for every shard.
    #[must_use]
    pub fn group_id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Join { request, .. } => Some(&request.group_id),
            Self::Sync { request, .. } => Some(&request.group_id),
            Self::Heartbeat(request) => Some(&request.group_id),
            Self::Leave { request, .. } => Some(&request.group_id),
            Self::CommitOffsets { request, .. } => Some(&request.group_id),
            Self::FetchOffsets { request, .. } => Some(&request.group_id),
            Self::DeleteOffsets(request) => Some(&request.group_id),
            Self::Describe { group_id, .. } | Self::Delete { group_id } => Some(group_id),
            Self::List(_) | Self::ForgetTopics { .. } => None,
        }
    }

    /// The answer when the request cannot be served at all.
    #[must_use]
    pub fn refuse(self, error: ErrorCode) -> GroupResponse {
        match self {
            Self::Join { request, .. } => join_failed(request.member_id, error),
            Self::Sync { .. } => sync_failed(error),
            Self::Heartbeat(_) => heartbeat_reply(Err(error)),
            Self::Leave { .. } => leave_failed(error),
            Self::CommitOffsets { request, .. } => commit_failed(&request, error),
            Self::FetchOffsets { request, .. } => fetch_failed(request, error),
            Self::DeleteOffsets(_) => delete_offsets_failed(error),
            Self::Describe { group_id, .. } => GroupResponse::Describe(DescribedGroup {
                error_code: error.code(),
                group_id,
                ..DescribedGroup::default()
            }),
            Self::List(_) => GroupResponse::List(Err(error)),
            Self::Delete { group_id } => delete_reply(group_id, error),
            Self::ForgetTopics { .. } => GroupResponse::ForgetTopics(Err(error)),
        }
    }
}

impl GroupResponse {
    /// The same answer after its records failed to be written.
    pub(crate) fn failed(self, append_error: ErrorCode) -> Self {
        let error = coordinator_error(append_error);
        match self {
            Self::CommitOffsets(mut response) => {
                let error = match append_error {
                    ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge => {
                        ErrorCode::InvalidCommitOffsetSize
                    }
                    _ => error,
                };
                let partitions = response
                    .topics
                    .iter_mut()
                    .flat_map(|topic| &mut topic.partitions);
                for partition in partitions.filter(|partition| partition.error_code == 0) {
                    partition.error_code = error.code();
                }
                Self::CommitOffsets(response)
            }
            Self::DeleteOffsets(_) => delete_offsets_failed(error),
            Self::Delete(result) => delete_reply(result.group_id, error),
            Self::ForgetTopics(_) => Self::ForgetTopics(Err(error)),
            // The member is out of the group whatever the log holds: should it come back to life
            // with another coordinator, its session times out there.
            response => response,
        }
    }
}

/// The protocol name is empty, not null, so that every version can carry the answer.
pub(crate) fn join_failed(member_id: Arc<str>, error: ErrorCode) -> GroupResponse {
    GroupResponse::Join(JoinGroupResponse {
        error_code: error.code(),
        protocol_name: Some(Arc::from("")),
        member_id,
        ..JoinGroupResponse::default()
    })
}

pub(crate) fn sync_failed(error: ErrorCode) -> GroupResponse {
    GroupResponse::Sync(SyncGroupResponse {
        error_code: error.code(),
        ..SyncGroupResponse::default()
    })
}

pub(crate) fn heartbeat_reply(outcome: Result<(), ErrorCode>) -> GroupResponse {
    GroupResponse::Heartbeat(HeartbeatResponse {
        error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
        ..HeartbeatResponse::default()
    })
}

pub(crate) fn leave_failed(error: ErrorCode) -> GroupResponse {
    GroupResponse::Leave(LeaveGroupResponse {
        error_code: error.code(),
        ..LeaveGroupResponse::default()
    })
}

/// Every partition says so too, for the version that has no other place for it.
fn fetch_failed(request: OffsetFetchRequestGroup, error: ErrorCode) -> GroupResponse {
    let topics = request.topics.unwrap_or_default().into_iter();
    let topics = topics.map(|topic| OffsetFetchResponseTopics {
        partitions: topic
            .partition_indexes
            .iter()
            .map(|&partition_index| OffsetFetchResponsePartitions {
                partition_index,
                committed_offset: NO_OFFSET,
                error_code: error.code(),
                ..OffsetFetchResponsePartitions::default()
            })
            .collect(),
        name: topic.name,
        topic_id: topic.topic_id,
    });
    GroupResponse::FetchOffsets(OffsetFetchResponseGroup {
        group_id: request.group_id,
        topics: topics.collect(),
        error_code: error.code(),
    })
}

pub(crate) fn delete_reply(group_id: Arc<str>, error: ErrorCode) -> GroupResponse {
    GroupResponse::Delete(DeletableGroupResult {
        group_id,
        error_code: error.code(),
    })
}

pub(crate) fn delete_offsets_failed(error: ErrorCode) -> GroupResponse {
    GroupResponse::DeleteOffsets(OffsetDeleteResponse {
        error_code: error.code(),
        ..OffsetDeleteResponse::default()
    })
}

/// Every partition of the request answered with the same error.
pub(crate) fn commit_failed(request: &OffsetCommitRequest, error: ErrorCode) -> GroupResponse {
    let topics = request
        .topics
        .iter()
        .map(|topic| OffsetCommitResponseTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| OffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.code(),
                })
                .collect(),
        });
    GroupResponse::CommitOffsets(OffsetCommitResponse {
        topics: topics.collect(),
        ..OffsetCommitResponse::default()
    })
}
