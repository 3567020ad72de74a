//! What tools ask of groups: listing, describing and deleting them, and their offsets.

use std::sync::Arc;

use millrace_types::{ErrorCode, Timestamp};
use millrace_wire::messages::describe_groups_response::DescribedGroup;
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestTopic,
};
use millrace_wire::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};

use crate::groups::classic::{ClassicGroup, ExpiryBase};
use crate::groups::config::{
    CLEANUP_AGAIN_MS, MAX_RECORDS_PER_CLEANUP, MAX_RECORDS_PER_CLEANUP_BATCH,
};
use crate::groups::offsets::CommittedOffset;
use crate::groups::records::{GroupRecord, OffsetKey};
use crate::groups::request::{GroupResponse, delete_offsets_failed, delete_reply};
use crate::groups::shard::{Group, GroupShard, reply_once_written};
use crate::groups::turn::{Deferred, GroupTimer, GroupTurn};
use crate::result::RequestToken;

/// From this version on an unknown group is an error; before, it is a dead group.
const FIRST_DESCRIBE_VERSION_WITH_GROUP_ID_NOT_FOUND: i16 = 6;

impl GroupShard {
    pub(crate) fn describe(&self, version: i16, group_id: Arc<str>) -> GroupResponse {
        let described = match self.classic(&group_id) {
            Some(group) => group.describe(),
            None => unknown(version, group_id),
        };
        GroupResponse::Describe(described)
    }

    pub(crate) fn list(&self, request: &ListGroupsRequest) -> GroupResponse {
        let passes = |filter: &[Arc<str>], name: &str| {
            filter.is_empty() || filter.iter().any(|f| f.trim().eq_ignore_ascii_case(name))
        };
        let groups = self.groups.values();
        let listed = groups
            .map(|Group::Classic(group)| group.listed())
            .filter(|group| {
                passes(&request.states_filter, &group.group_state)
                    && passes(&request.types_filter, &group.group_type)
            });
        GroupResponse::List(Ok(listed.collect()))
    }

    pub(crate) fn delete_group(
        &self,
        token: RequestToken,
        group_id: Arc<str>,
        turn: &mut GroupTurn<'_>,
    ) {
        let refused = match self.classic(&group_id) {
            None => Some(ErrorCode::GroupIdNotFound),
            Some(group) if !group.is_empty() => Some(ErrorCode::NonEmptyGroup),
            Some(_) => None,
        };
        if let Some(error) = refused {
            return turn.reply(token, delete_reply(group_id, error));
        }
        let keys = self.offsets.keys_of_group(&group_id);
        let mut records: Vec<GroupRecord> = keys.into_iter().map(OffsetKey::tombstone).collect();
        records.push(group_tombstone(group_id.clone()));
        write_in_batches(records, turn);
        reply_once_written(token, delete_reply(group_id, ErrorCode::None), turn);
    }

    pub(crate) fn delete_offsets(
        &mut self,
        token: RequestToken,
        request: &OffsetDeleteRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        let Some(group) = self.classic(&request.group_id) else {
            return turn.reply(token, delete_offsets_failed(ErrorCode::GroupIdNotFound));
        };
        // Only of consumers is it known what they still need.
        if !group.is_empty() && !group.uses_consumer_protocol() {
            return turn.reply(token, delete_offsets_failed(ErrorCode::NonEmptyGroup));
        }
        let mut records = Vec::new();
        let topics = request.topics.iter().map(|topic| {
            let subscribed = group.is_subscribed_to(&topic.name);
            if !subscribed {
                records.extend(self.tombstones(&request.group_id, topic));
            }
            deleted_topic(topic, subscribed)
        });
        let response = OffsetDeleteResponse {
            topics: topics.collect(),
            ..OffsetDeleteResponse::default()
        };
        self.counters.offset_deletions += records.len() as u64;
        write_in_batches(records, turn);
        reply_once_written(token, GroupResponse::DeleteOffsets(response), turn);
    }

    fn tombstones(
        &self,
        group_id: &Arc<str>,
        topic: &OffsetDeleteRequestTopic,
    ) -> Vec<GroupRecord> {
        let partitions = topic
            .partitions
            .iter()
            .map(|partition| partition.partition_index);
        let known = partitions.filter(|&index| self.offsets.knows(group_id, &topic.name, index));
        let keys = known.map(|partition| OffsetKey {
            group_id: group_id.clone(),
            topic: topic.name.clone(),
            partition,
        });
        keys.map(OffsetKey::tombstone).collect()
    }

    pub(crate) fn forget_topics(
        &mut self,
        token: RequestToken,
        topics: &[Arc<str>],
        turn: &mut GroupTurn<'_>,
    ) {
        let keys = self.offsets.keys_of_topics(topics);
        self.counters.offset_deletions += keys.len() as u64;
        write_in_batches(keys.into_iter().map(OffsetKey::tombstone).collect(), turn);
        reply_once_written(token, GroupResponse::ForgetTopics(Ok(())), turn);
    }

    /// Removes offsets that nobody has needed for the retention time, and groups that are empty and
    /// have none. Comes back soon if that is more than one clean-up may write.
    pub(crate) fn clean_up(&mut self, turn: &mut GroupTurn<'_>) {
        let mut records = Vec::new();
        let mut hollow = Vec::new();
        for Group::Classic(group) in self.groups.values() {
            if records.len() >= MAX_RECORDS_PER_CLEANUP {
                break;
            }
            // A tombstone would land behind the new offset and take it along.
            if self.offsets.is_changing(&group.id) {
                continue;
            }
            let expired = self.expired_offsets(group, turn.now.wall);
            let committed = self.offsets.of_group(&group.id);
            let remaining = committed.map_or(0, |topics| topics.values().map(|p| p.len()).sum());
            let is_last = expired.len() == remaining && group.is_idle();
            self.counters.offset_expirations += expired.len() as u64;
            records.extend(expired.into_iter().map(OffsetKey::tombstone));
            if is_last && (remaining > 0 || group.persisted) {
                records.push(group_tombstone(group.id.clone()));
            } else if is_last {
                hollow.push(group.id.clone());
            }
        }
        for group_id in hollow {
            self.groups.remove(&group_id);
        }
        self.offsets.forget_unused_names();
        let pause_ms = if records.len() >= MAX_RECORDS_PER_CLEANUP {
            CLEANUP_AGAIN_MS
        } else {
            self.config.offsets_retention_check_interval_ms
        };
        schedule_cleanup(pause_ms, turn);
        write_in_batches(records, turn);
    }

    fn expired_offsets(&self, group: &ClassicGroup, now: Timestamp) -> Vec<OffsetKey> {
        let (Some(base), Some(topics)) = (group.expiry_base(), self.offsets.of_group(&group.id))
        else {
            return Vec::new();
        };
        let base_of = |offset: &CommittedOffset| match base {
            ExpiryBase::Since(since) => since,
            ExpiryBase::Commit => offset.committed_at,
        };
        let retention_ms = self.config.offsets_retention_ms;
        let unsubscribed = topics
            .iter()
            .filter(|(topic, _)| !group.is_subscribed_to(topic));
        let expired = unsubscribed.flat_map(|(topic, partitions)| {
            let expired = partitions
                .iter()
                .filter(|(_, offset)| offset.is_expired(base_of(offset), now, retention_ms));
            expired.map(|(&partition, _)| OffsetKey {
                group_id: group.id.clone(),
                topic: topic.clone(),
                partition,
            })
        });
        expired.collect()
    }
}

fn unknown(version: i16, group_id: Arc<str>) -> DescribedGroup {
    let mut described = DescribedGroup {
        group_state: Arc::from("Dead"),
        ..DescribedGroup::default()
    };
    if version >= FIRST_DESCRIBE_VERSION_WITH_GROUP_ID_NOT_FOUND {
        described.error_code = ErrorCode::GroupIdNotFound.code();
        described.error_message = Some(Arc::from(format!("Group {group_id} not found.")));
    }
    described.group_id = group_id;
    described
}

fn deleted_topic(topic: &OffsetDeleteRequestTopic, subscribed: bool) -> OffsetDeleteResponseTopic {
    let error = if subscribed {
        ErrorCode::GroupSubscribedToTopic
    } else {
        ErrorCode::None
    };
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| OffsetDeleteResponsePartition {
            partition_index: partition.partition_index,
            error_code: error.code(),
        });
    OffsetDeleteResponseTopic {
        name: topic.name.clone(),
        partitions: partitions.collect(),
    }
}

fn group_tombstone(group_id: Arc<str>) -> GroupRecord {
    GroupRecord::ClassicGroup {
        group_id,
        value: None,
    }
}

pub(crate) fn schedule_cleanup(pause_ms: i64, turn: &mut GroupTurn<'_>) {
    turn.timers
        .schedule(GroupTimer::Cleanup, turn.now.steady + pause_ms);
}

fn write_in_batches(records: Vec<GroupRecord>, turn: &mut GroupTurn<'_>) {
    let mut records = records.into_iter();
    loop {
        let batch: Vec<GroupRecord> = records
            .by_ref()
            .take(MAX_RECORDS_PER_CLEANUP_BATCH)
            .collect();
        if batch.is_empty() {
            return;
        }
        turn.write(batch, Deferred::Nothing);
    }
}
