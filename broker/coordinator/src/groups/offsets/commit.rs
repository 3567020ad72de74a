//! OffsetCommit: which commits a group accepts, and what of them is written.

use std::sync::Arc;

use millrace_types::{ErrorCode, NO_TIMESTAMP, Timestamp};
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use millrace_wire::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use millrace_wire::records::group::offset_commit_value::OffsetCommitValue;

use crate::groups::classic::{ClassicGroup, State};
use crate::groups::config::{MAX_GROUPS, MAX_NAME_BYTES, MAX_OFFSETS};
use crate::groups::records::{GroupRecord, OffsetKey};
use crate::groups::request::{GroupResponse, commit_failed};
use crate::groups::shard::GroupShard;
use crate::groups::turn::{Deferred, GroupTurn};
use crate::result::RequestToken;

/// From this version on a commit to a group that is not there says so.
const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND: i16 = 9;

/// A request's retention time when the client leaves it to the broker.
const DEFAULT_RETENTION: i64 = -1;

impl GroupShard {
    pub(crate) fn commit_offsets(
        &mut self,
        token: RequestToken,
        version: i16,
        request: OffsetCommitRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        if let Err(error) = self.check_commit(version, &request) {
            return turn.reply(token, commit_failed(&request, error));
        }
        if let Some(group) = self.classic(&request.group_id)
            && matches!(group.state, State::Stable | State::Preparing(_))
        {
            group.touch(&request.member_id, turn);
        }
        let commit = Commit::new(
            request,
            self.config.offset_metadata_max_bytes,
            turn.now.wall,
        );
        let response = GroupResponse::CommitOffsets(commit.response);
        self.counters.offset_commits += commit.records.len() as u64;
        if commit.records.is_empty() {
            return turn.reply(token, response);
        }
        turn.write(commit.records, Deferred::Reply { token, response });
    }

    fn check_commit(&self, version: i16, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
        if request.group_id.len() > MAX_NAME_BYTES {
            return Err(ErrorCode::InvalidGroupId);
        }
        let offered: usize = request
            .topics
            .iter()
            .map(|topic| topic.partitions.len())
            .sum();
        if self.offsets.held() + offered > MAX_OFFSETS {
            return Err(ErrorCode::InvalidCommitOffsetSize);
        }
        match self.classic(&request.group_id) {
            Some(group) => group.check_commit(request),
            None if request.generation_id_or_member_epoch >= 0 => {
                Err(if version >= FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND {
                    ErrorCode::GroupIdNotFound
                } else {
                    ErrorCode::IllegalGeneration
                })
            }
            None if self.groups.len() >= MAX_GROUPS => Err(ErrorCode::InvalidCommitOffsetSize),
            // A consumer that manages its partitions itself: its group is its offsets.
            None => Ok(()),
        }
    }
}

impl ClassicGroup {
    /// Whether a commit may come from this member in this generation; -1 and no member is a tool,
    /// or a consumer that manages its partitions itself.
    pub(crate) fn check_commit(&self, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        let instance_id = request.group_instance_id.as_deref();
        if generation < 0 && self.is_empty() {
            return Ok(());
        }
        if generation < 0 && request.member_id.is_empty() && instance_id.is_none() {
            return Err(ErrorCode::UnknownMemberId);
        }
        self.check_member(&request.member_id, instance_id, generation)?;
        if self.state == State::Completing {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }
}

/// The records of a commit and its answer, once they are in the log.
struct Commit {
    records: Vec<GroupRecord>,
    response: OffsetCommitResponse,
}

impl Commit {
    /// Notes longer than `metadata_max` are refused, partition by partition.
    fn new(request: OffsetCommitRequest, metadata_max: usize, now: Timestamp) -> Self {
        let mut commit = Self {
            records: Vec::new(),
            response: OffsetCommitResponse::default(),
        };
        let expires_at = match request.retention_time_ms {
            DEFAULT_RETENTION => NO_TIMESTAMP,
            retention => now.saturating_add(retention),
        };
        for topic in request.topics {
            let mut partitions = Vec::new();
            for partition in &topic.partitions {
                let metadata = partition.committed_metadata.clone().unwrap_or_default();
                let fits = fits(&metadata, metadata_max);
                if fits {
                    let mut value = value(&topic, partition, metadata, now);
                    value.expire_timestamp = expires_at;
                    commit.records.push(GroupRecord::Offset {
                        key: OffsetKey {
                            group_id: request.group_id.clone(),
                            topic: topic.name.clone(),
                            partition: partition.partition_index,
                        },
                        value: Some(value),
                    });
                }
                let error = if fits {
                    ErrorCode::None
                } else {
                    ErrorCode::OffsetMetadataTooLarge
                };
                partitions.push(OffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.code(),
                });
            }
            commit.response.topics.push(OffsetCommitResponseTopic {
                name: topic.name,
                topic_id: topic.topic_id,
                partitions,
            });
        }
        commit
    }
}

fn value(
    topic: &OffsetCommitRequestTopic,
    partition: &OffsetCommitRequestPartition,
    metadata: Arc<str>,
    now: Timestamp,
) -> OffsetCommitValue {
    OffsetCommitValue {
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata,
        commit_timestamp: now,
        topic_id: topic.topic_id,
        ..OffsetCommitValue::default()
    }
}

/// The limit counts UTF-16 units, as Java does.
fn fits(metadata: &str, max: usize) -> bool {
    metadata.len() <= max || metadata.encode_utf16().count() <= max
}
