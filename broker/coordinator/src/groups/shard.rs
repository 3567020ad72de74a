//! One partition of the offsets topic as a state machine: its groups and their offsets.
//! Brings requests, alarms and records to those they are about; what follows is in other files.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::{ErrorCode, Offset};

use crate::groups::admin::schedule_cleanup;
use crate::groups::classic::ClassicGroup;
use crate::groups::config::GroupConfig;
use crate::groups::metrics::Counters;
use crate::groups::offsets::OffsetStore;
use crate::groups::records::GroupRecord;
use crate::groups::request::{GroupRequest, GroupResponse, heartbeat_reply};
use crate::groups::turn::{Deferred, GroupTimer, GroupTurn};
use crate::result::{KeyValue, RequestToken, coordinator_error};
use crate::shard::{Shard, Source, TurnOf};

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
        record.encode().map_err(|_| ErrorCode::InvalidRequest)
    }

    fn activate(&mut self, turn: &mut TurnOf<'_, Self>) {
        for Group::Classic(group) in self.groups.values_mut() {
            group.start_sessions(turn);
            // The limit may have been lowered since the members joined.
            if group.member_count() > self.config.member_limit() {
                group.rebalance(&self.config, turn);
            }
        }
        schedule_cleanup(self.config.offsets_retention_check_interval_ms, turn);
    }

    fn handle(&mut self, token: RequestToken, request: GroupRequest, turn: &mut TurnOf<'_, Self>) {
        match request {
            GroupRequest::Join { caller, request } => self.join(token, caller, &request, turn),
            GroupRequest::Sync { version, request } => self.sync(token, version, &request, turn),
            GroupRequest::Heartbeat(request) => {
                let outcome = self.heartbeat(&request, turn);
                turn.reply(token, heartbeat_reply(outcome));
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
            GroupTimer::Cleanup => self.clean_up(turn),
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
    pub(crate) fn classic(&self, group_id: &str) -> Option<&ClassicGroup> {
        self.groups.get(group_id).map(|Group::Classic(group)| group)
    }

    pub(crate) fn classic_mut(&mut self, group_id: &str) -> Option<&mut ClassicGroup> {
        let group = self.groups.get_mut(group_id);
        group.map(|Group::Classic(group)| group)
    }

    /// Lets the group act, and forgets it if nothing of it remains.
    pub(crate) fn with_classic<R>(
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
