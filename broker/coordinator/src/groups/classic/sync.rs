//! SyncGroup: the leader hands in the assignment, everyone fetches theirs.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use millrace_types::ErrorCode;
use millrace_wire::messages::sync_group_request::SyncGroupRequest;
use millrace_wire::messages::sync_group_response::SyncGroupResponse;

use crate::groups::classic::group::{ClassicGroup, State};
use crate::groups::config::GroupConfig;
use crate::groups::request::{GroupResponse, sync_failed};
use crate::groups::turn::{Deferred, GroupTurn};
use crate::result::RequestToken;

/// From this version on the request says which protocol it is about (KIP-559).
const FIRST_VERSION_WITH_PROTOCOL: i16 = 5;

impl ClassicGroup {
    pub(crate) fn sync(
        &mut self,
        token: RequestToken,
        version: i16,
        request: &SyncGroupRequest,
        turn: &mut GroupTurn<'_>,
    ) {
        if let Err(error) = self.check_sync(version, request) {
            return turn.reply(token, sync_failed(error));
        }
        let member_id = &request.member_id;
        match self.state {
            State::Empty => turn.reply(token, sync_failed(ErrorCode::UnknownMemberId)),
            State::Preparing(_) => {
                turn.reply(token, sync_failed(ErrorCode::RebalanceInProgress));
            }
            State::Completing => {
                self.note_sync(member_id, turn);
                self.park_sync(member_id, token, turn);
                if self.is_leader(member_id) {
                    self.accept_assignment(request, turn);
                }
            }
            State::Stable => {
                self.note_sync(member_id, turn);
                turn.reply(token, self.assigned(member_id));
            }
        }
    }

    fn check_sync(&self, version: i16, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.check_member(
            &request.member_id,
            request.group_instance_id.as_deref(),
            request.generation_id,
        )?;
        let differs = |said: &Option<Arc<str>>, is: &Option<Arc<str>>| match said {
            Some(_) => said != is,
            None => version >= FIRST_VERSION_WITH_PROTOCOL,
        };
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn note_sync(&mut self, member_id: &str, turn: &mut GroupTurn<'_>) {
        self.pending_sync.remove(member_id);
        if self.pending_sync.is_empty() {
            turn.timers.cancel(&self.sync_timer());
        }
    }

    fn park_sync(&mut self, member_id: &str, token: RequestToken, turn: &mut GroupTurn<'_>) {
        let Some(member) = self.members.get_mut(member_id) else {
            return;
        };
        if let Some(before) = member.awaiting_sync.replace(token) {
            turn.reply(before, sync_failed(ErrorCode::RebalanceInProgress));
        }
    }

    /// The assignment takes effect once it is safe in the log.
    fn accept_assignment(&mut self, request: &SyncGroupRequest, turn: &mut GroupTurn<'_>) {
        let given = request.assignments.iter();
        let given: HashMap<&str, &Bytes> = given
            .map(|given| (&*given.member_id, &given.assignment))
            .collect();
        let assignments: Vec<(Arc<str>, Bytes)> = self
            .members
            .iter()
            .map(|member| {
                let assignment = given.get(&*member.id).map_or(&[][..], |bytes| bytes);
                (member.id.clone(), Bytes::copy_from_slice(assignment))
            })
            .collect();
        let stabilize = Deferred::Stabilize {
            group: self.id.clone(),
            generation: self.generation,
            assignments: assignments.clone(),
        };
        self.persist(&assignments, stabilize, turn);
    }

    /// The leader's assignment has committed, or could not be written. Either matters only if the
    /// group still waits for that assignment. Returns whether the group has become stable.
    pub(crate) fn stabilize(
        &mut self,
        generation: i32,
        outcome: Result<Vec<(Arc<str>, Bytes)>, ErrorCode>,
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) -> bool {
        if self.state != State::Completing || self.generation != generation {
            return false;
        }
        match outcome {
            Ok(assignments) => {
                for (member_id, assignment) in assignments {
                    if let Some(member) = self.members.get_mut(&member_id) {
                        member.assignment = assignment;
                    }
                }
                self.enter(State::Stable, turn.now.wall);
                self.answer_syncs(None, turn);
                true
            }
            Err(error) => {
                self.withdraw_assignments(error, turn);
                self.rebalance(config, turn);
                false
            }
        }
    }

    /// Whoever waits for an assignment of this generation waits in vain.
    pub(crate) fn withdraw_assignments(&mut self, error: ErrorCode, turn: &mut GroupTurn<'_>) {
        for member in self.members.iter_mut() {
            member.assignment = Bytes::new();
        }
        self.answer_syncs(Some(error), turn);
    }

    fn answer_syncs(&mut self, error: Option<ErrorCode>, turn: &mut GroupTurn<'_>) {
        for member_id in self.members.ids() {
            let waiting = self.members.get_mut(&member_id);
            if let Some(token) = waiting.and_then(|member| member.awaiting_sync.take()) {
                let response = error.map_or_else(|| self.assigned(&member_id), sync_failed);
                turn.reply(token, response);
                // Its alarm may have gone off, without effect, while it waited.
                self.touch(&member_id, turn);
            }
        }
    }

    fn assigned(&self, member_id: &str) -> GroupResponse {
        let assignment = self.members.get(member_id).map(|member| &member.assignment);
        GroupResponse::Sync(SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment: assignment.cloned().unwrap_or_default(),
            ..SyncGroupResponse::default()
        })
    }
}
