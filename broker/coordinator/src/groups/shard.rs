//! One partition of the offsets topic as a state machine: its groups and their offsets.
//! Finds the group a request is about and answers for groups that are not there; what a group does
//! is its own business.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::{ErrorCode, Offset};
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::leave_group_request::LeaveGroupRequest;
use millrace_wire::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use millrace_wire::messages::offset_commit_request::OffsetCommitRequest;
use millrace_wire::messages::sync_group_request::SyncGroupRequest;

use crate::groups::classic::{
    ClassicGroup, Join, State, answers_one_member, leave_response, leaving_members,
};
use crate::groups::config::{GroupConfig, MAX_GROUPS, MAX_NAME_BYTES, MAX_OFFSETS};
use crate::groups::metrics::Counters;
use crate::groups::offsets::{Commit, OffsetStore};
use crate::groups::records::{GroupRecord, UNWRITABLE};
use crate::groups::request::{
    Caller, GroupRequest, GroupResponse, commit_failed, heartbeat_reply, join_failed, leave_failed,
    sync_failed,
};
use crate::groups::turn::{Deferred, GroupTimer, GroupTurn};
use crate::result::{KeyValue, RequestToken, coordinator_error};
use crate::shard::{Shard, Source, TurnOf};

/// From this version on a commit to a group that is not there says so.
const FIRST_COMMIT_VERSION_WITH_GROUP_ID_NOT_FOUND: i16 = 9;

/// A group of whatever kind.
#[derive(Debug)]
pub(crate) enum Group {
    Classic(ClassicGroup),
}

#[derive(Debug)]
pub struct GroupShard {
    pub(crate) config: GroupConfig,
    pub(crate) groups: BTreeMap<Arc<str>, Group>,
    pub(crate) offsets: OffsetStore,
    pub(crate) counters: Counters,
}

impl GroupShard {
    #[must_use]
    pub fn new(config: GroupConfig) -> Self {
        Self {
            config,
            groups: BTreeMap::new(),
            offsets: OffsetStore::default(),
            counters: Counters::default(),
        }
    }
}

impl Shard for GroupShard {
    type Request = GroupRequest;
    type Response = GroupResponse;
    type Record = GroupRecord;
    type Deferred = Deferred;
    type Timer = GroupTimer;

    fn refuse(request: GroupRequest, error: ErrorCode) -> GroupResponse {
        request.refuse(error)
    }

    fn encode(record: &GroupRecord) -> Result<KeyValue, ErrorCode> {
        record.encode().map_err(|_| UNWRITABLE)
    }

    fn activate(&mut self, turn: &mut TurnOf<'_, Self>) {
        for Group::Classic(group) in self.groups.values_mut() {
            group.start_sessions(turn);
            // The limit may have been lowered since the members joined.
            if group.member_count() > self.config.member_limit() {
                group.rebalance(&self.config, turn);
            }
        }
        self.schedule_cleanup(turn);
    }

    fn handle(&mut self, token: RequestToken, request: GroupRequest, turn: &mut TurnOf<'_, Self>) {
        match request {
            GroupRequest::Join { caller, request } => self.join(token, caller, &request, turn),
            GroupRequest::Sync { version, request } => self.sync(token, version, &request, turn),
            GroupRequest::Heartbeat(request) => {
                let error = self.heartbeat(&request, turn).err();
                turn.reply(token, heartbeat_reply(error.unwrap_or(ErrorCode::None)));
            }
            GroupRequest::Leave { version, request } => self.leave(token, version, request, turn),
            GroupRequest::CommitOffsets { version, request } => {
                self.commit_offsets(token, version, request, turn);
            }
            GroupRequest::FetchOffsets { request, .. } => {
                turn.reply(
                    token,
                    GroupResponse::FetchOffsets(self.offsets.fetch(request)),
                );
            }
            GroupRequest::DeleteOffsets(request) => self.delete_offsets(token, &request, turn),
            GroupRequest::Describe { version, group_id } => {
                turn.reply(token, self.describe(version, group_id));
            }
            GroupRequest::List(request) => turn.reply(token, self.list(&request)),
            GroupRequest::Delete { group_id } => self.delete_group(token, group_id, turn),
            GroupRequest::ForgetTopics { topics } => self.forget_topics(token, &topics, turn),
        }
    }

    fn fire(&mut self, timer: GroupTimer, turn: &mut TurnOf<'_, Self>) {
        match timer {
            GroupTimer::Session { group, member } => {
                self.with_classic(&group, |group, config| {
                    group.on_session_timer(&member, config, turn);
                });
            }
            GroupTimer::Join { group } => {
                self.with_classic(&group, |group, config| group.on_join_timer(config, turn));
            }
            GroupTimer::Sync { group } => {
                self.with_classic(&group, |group, config| group.on_sync_timer(config, turn));
            }
            GroupTimer::Cleanup => {
                self.clean_up(turn);
                self.schedule_cleanup(turn);
            }
        }
    }

    fn replay(&mut self, offset: Offset, record: GroupRecord, source: Source) {
        match record {
            GroupRecord::Offset { key, value } => {
                if value.is_some() && !self.groups.contains_key(&key.group_id) {
                    let group = ClassicGroup::new(key.group_id.clone(), None);
                    self.groups
                        .insert(key.group_id.clone(), Group::Classic(group));
                }
                self.offsets.replay(offset, key, value);
            }
            GroupRecord::ClassicGroup {
                group_id,
                value: None,
            } => {
                self.groups.remove(&group_id);
            }
            GroupRecord::ClassicGroup {
                group_id,
                value: Some(value),
            } => {
                // A written record is an image of the group that is here, and may be behind it.
                if source == Source::Loaded {
                    let group = ClassicGroup::from_value(group_id.clone(), value);
                    self.groups.insert(group_id, Group::Classic(group));
                }
            }
        }
    }

    fn commit(&mut self, high_watermark: Offset) {
        self.offsets.commit(high_watermark);
    }

    fn settle(
        &mut self,
        deferred: Deferred,
        outcome: Result<(), ErrorCode>,
        turn: &mut TurnOf<'_, Self>,
    ) {
        match deferred {
            Deferred::Nothing => {}
            Deferred::Reply { token, response } => {
                let response = match outcome {
                    Ok(()) => response,
                    Err(error) => response.failed(error),
                };
                turn.reply(token, response);
            }
            Deferred::Stabilize {
                group,
                generation,
                assignments,
            } => {
                let outcome = outcome.map(|()| assignments).map_err(coordinator_error);
                let stable = self.with_classic(&group, |group, config| {
                    group.stabilize(generation, outcome, config, turn)
                });
                self.counters.completed_rebalances += u64::from(stable == Some(true));
            }
            Deferred::StaticRejoin(rejoin) => {
                let outcome = outcome.map_err(coordinator_error);
                let group = rejoin.group.clone();
                self.with_classic(&group, |group, _| {
                    group.end_static_rejoin(*rejoin, outcome, turn);
                });
            }
        }
    }

    fn unload(&mut self, turn: &mut TurnOf<'_, Self>) {
        for Group::Classic(group) in self.groups.values_mut() {
            group.drop_all(ErrorCode::NotCoordinator, turn);
        }
        self.groups.clear();
        self.offsets = OffsetStore::default();
    }
}

impl GroupShard {
    fn join(
        &mut self,
        token: RequestToken,
        caller: Caller,
        request: &JoinGroupRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        let join = Join::new(token, caller, request, &self.config);
        match join.and_then(|join| self.group_to_join(request).map(|()| join)) {
            Ok(join) => {
                self.with_classic(&request.group_id, |group, config| {
                    group.join(join, config, turn);
                });
            }
            Err(error) => turn.reply(token, join_failed(request.member_id.clone(), error)),
        }
    }

    /// Members that have no id yet found a group; others expect it to be there.
    fn group_to_join(&mut self, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
        if self.groups.contains_key(&request.group_id) {
            return Ok(());
        }
        if !request.member_id.is_empty() {
            return Err(ErrorCode::UnknownMemberId);
        }
        if self.groups.len() >= MAX_GROUPS {
            return Err(ErrorCode::GroupMaxSizeReached);
        }
        let id = request.group_id.clone();
        let group = ClassicGroup::new(id.clone(), None);
        self.groups.insert(id, Group::Classic(group));
        Ok(())
    }

    fn sync(
        &mut self,
        token: RequestToken,
        version: i16,
        request: &SyncGroupRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        if let Err(error) = named(&request.group_id) {
            return turn.reply(token, sync_failed(error));
        }
        match self.classic_mut(&request.group_id) {
            Some(group) => group.sync(token, version, request, turn),
            None => turn.reply(token, sync_failed(ErrorCode::UnknownMemberId)),
        }
    }

    fn heartbeat(
        &self,
        request: &HeartbeatRequest,
        turn: &mut GroupTurn<'_>,
    ) -> Result<(), ErrorCode> {
        named(&request.group_id)?;
        let group = self.classic(&request.group_id);
        group
            .ok_or(ErrorCode::UnknownMemberId)?
            .heartbeat(request, turn)
    }

    fn leave(
        &mut self,
        token: RequestToken,
        version: i16,
        request: LeaveGroupRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        let group_id = request.group_id.clone();
        if let Err(error) = named(&group_id) {
            return turn.reply(token, leave_failed(error));
        }
        let leaving = leaving_members(version, request);
        let left = self.with_classic(&group_id, |group, config| {
            group.leave(&leaving, config, turn)
        });
        let members = left.unwrap_or_else(|| {
            let unknown = |identity| leave_response(identity, Err(ErrorCode::UnknownMemberId));
            leaving.iter().map(unknown).collect()
        });
        reply_once_written(token, leave_reply(version, members), turn);
    }

    fn commit_offsets(
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
        let commit = Commit::new(request, self.config.offset_metadata_max_bytes, turn.now);
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
        if self.offsets.len() + offered > MAX_OFFSETS {
            return Err(ErrorCode::InvalidCommitOffsetSize);
        }
        match self.classic(&request.group_id) {
            Some(group) => group.check_commit(request),
            None if request.generation_id_or_member_epoch >= 0 => {
                Err(if version >= FIRST_COMMIT_VERSION_WITH_GROUP_ID_NOT_FOUND {
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

    pub(crate) fn classic(&self, group_id: &str) -> Option<&ClassicGroup> {
        self.groups.get(group_id).map(|Group::Classic(group)| group)
    }

    fn classic_mut(&mut self, group_id: &str) -> Option<&mut ClassicGroup> {
        let group = self.groups.get_mut(group_id);
        group.map(|Group::Classic(group)| group)
    }

    /// Lets the group act, and forgets it if nothing of it remains.
    fn with_classic<R>(
        &mut self,
        group_id: &str,
        act: impl FnOnce(&mut ClassicGroup, &GroupConfig) -> R,
    ) -> Option<R> {
        let Group::Classic(group) = self.groups.get_mut(group_id)?;
        let result = act(group, &self.config);
        if group.is_hollow() && !self.offsets.knows_group(group_id) {
            self.groups.remove(group_id);
        }
        Some(result)
    }
}

fn named(group_id: &str) -> Result<(), ErrorCode> {
    if group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    Ok(())
}

fn leave_reply(version: i16, members: Vec<MemberResponse>) -> GroupResponse {
    let mut response = LeaveGroupResponse::default();
    if answers_one_member(version) {
        response.error_code = members.first().map_or(0, |member| member.error_code);
    } else {
        response.members = members;
    }
    GroupResponse::Leave(response)
}

/// Answers at once, or with the last write of this turn if there is one.
pub(crate) fn reply_once_written(
    token: RequestToken,
    response: GroupResponse,
    turn: &mut GroupTurn<'_>,
) {
    match turn.last_deferred() {
        Some(then @ Deferred::Nothing) => *then = Deferred::Reply { token, response },
        _ => turn.reply(token, response),
    }
}
