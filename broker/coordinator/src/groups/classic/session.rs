//! Members' sessions: heartbeats keep them, LeaveGroup and silence end them.

use std::sync::Arc;

use millrace_types::ErrorCode;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::leave_group_request::MemberIdentity;
use millrace_wire::messages::leave_group_response::MemberResponse;

use crate::groups::classic::group::{ClassicGroup, State};
use crate::groups::config::GroupConfig;
use crate::groups::turn::GroupTurn;

impl ClassicGroup {
    pub(crate) fn heartbeat(
        &self,
        request: &HeartbeatRequest,
        turn: &mut GroupTurn<'_>,
    ) -> Result<(), ErrorCode> {
        self.check_member(
            &request.member_id,
            request.group_instance_id.as_deref(),
            request.generation_id,
        )?;
        self.touch(&request.member_id, turn);
        match self.state {
            State::Empty => Err(ErrorCode::UnknownMemberId),
            State::Preparing(_) => Err(ErrorCode::RebalanceInProgress),
            State::Completing | State::Stable => Ok(()),
        }
    }

    /// Removes the members and says of each what became of it.
    pub(crate) fn leave(
        &mut self,
        leaving: &[MemberIdentity],
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) -> Vec<MemberResponse> {
        let mut responses = Vec::new();
        let mut anyone_left = false;
        for identity in leaving {
            let outcome = self.leave_one(identity, turn);
            anyone_left |= outcome.is_ok();
            responses.push(leave_response(identity, outcome));
        }
        if anyone_left {
            self.go_on_without_them(config, turn);
        }
        responses
    }

    fn leave_one(
        &mut self,
        identity: &MemberIdentity,
        turn: &mut GroupTurn<'_>,
    ) -> Result<(), ErrorCode> {
        let instance_id = identity.group_instance_id.as_deref();
        if self.pending_join.contains(&identity.member_id) {
            self.drop_pending(&identity.member_id, turn);
            return Ok(());
        }
        let member_id = if identity.member_id.is_empty() {
            // An administrator removes a static member by the name it has for good.
            let named = instance_id.and_then(|instance| self.members.of_instance(instance));
            named.cloned().ok_or(ErrorCode::UnknownMemberId)?
        } else {
            self.members.check(&identity.member_id, instance_id)?;
            identity.member_id.clone()
        };
        self.drop_member(&member_id, ErrorCode::UnknownMemberId, turn);
        Ok(())
    }

    pub(crate) fn on_session_timer(
        &mut self,
        member_id: &Arc<str>,
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) {
        if self.pending_join.contains(member_id) {
            self.drop_pending(member_id, turn);
            self.join_if_all_came(turn);
            return;
        }
        // Whoever waits for us gets a new session with the answer.
        let silent = self.members.get(member_id);
        if silent.is_some_and(|member| !member.is_waiting()) {
            self.drop_member(member_id, ErrorCode::UnknownMemberId, turn);
            self.go_on_without_them(config, turn);
        }
    }

    fn drop_pending(&mut self, member_id: &Arc<str>, turn: &mut GroupTurn<'_>) {
        self.pending_join.remove(member_id);
        turn.timers.cancel(&self.session_timer(member_id));
    }

    /// After members have been dropped.
    pub(crate) fn go_on_without_them(&mut self, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        match self.state {
            State::Empty => {}
            State::Preparing(_) => self.join_if_all_came(turn),
            State::Completing | State::Stable => self.rebalance(config, turn),
        }
    }
}

pub(crate) fn leave_response(
    identity: &MemberIdentity,
    outcome: Result<(), ErrorCode>,
) -> MemberResponse {
    MemberResponse {
        member_id: identity.member_id.clone(),
        group_instance_id: identity.group_instance_id.clone(),
        error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
    }
}
