//! The rebalance itself: calling members back, waiting for them, and opening the next generation.

use std::sync::Arc;

use millrace_types::ErrorCode;

use crate::groups::classic::group::{ClassicGroup, InitialDelay, State};
use crate::groups::config::GroupConfig;
use crate::groups::request::{join_failed, sync_failed};
use crate::groups::turn::{Deferred, GroupTurn};

impl ClassicGroup {
    pub(crate) fn rebalance_or_join_if_all_came(
        &mut self,
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) {
        match self.state {
            State::Preparing(_) => self.join_if_all_came(turn),
            State::Empty | State::Completing | State::Stable => self.rebalance(config, turn),
        }
    }

    /// Calls all members back to join.
    pub(crate) fn rebalance(&mut self, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        if self.state == State::Completing {
            self.withdraw_assignments(ErrorCode::RebalanceInProgress, turn);
        }
        self.pending_sync.clear();
        turn.timers.cancel(&self.sync_timer());
        if self.is_empty() {
            let delay_ms = i64::from(config.initial_rebalance_delay_ms.max(0));
            let delay = InitialDelay {
                delay_ms,
                remaining_ms: (self.members.rebalance_timeout_ms() - delay_ms).max(0),
                new_member: false,
            };
            self.enter(State::Preparing(Some(delay)), turn.now.wall);
            turn.timers
                .schedule(self.join_timer(), turn.now.steady + delay_ms);
        } else {
            self.enter(State::Preparing(None), turn.now.wall);
            if self.all_joined() {
                self.complete_join(turn);
            } else {
                self.wait_for_joins(turn);
            }
        }
    }

    /// Nobody is left to wait for, and this is not the delay before the first rebalance.
    pub(crate) fn join_if_all_came(&mut self, turn: &mut GroupTurn<'_>) {
        if self.state == State::Preparing(None) && self.all_joined() {
            self.complete_join(turn);
        }
    }

    pub(crate) fn on_join_timer(&mut self, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        let State::Preparing(delay) = &mut self.state else {
            return;
        };
        match delay {
            Some(delay) if delay.new_member && delay.remaining_ms > 0 => {
                let initial = i64::from(config.initial_rebalance_delay_ms.max(0));
                let next = initial.min(delay.remaining_ms);
                *delay = InitialDelay {
                    delay_ms: next,
                    remaining_ms: (delay.remaining_ms - delay.delay_ms).max(0),
                    new_member: false,
                };
                turn.timers
                    .schedule(self.join_timer(), turn.now.steady + next);
            }
            _ => self.complete_join(turn),
        }
    }

    /// Members that did not fetch their assignment are gone; the others rebalance.
    pub(crate) fn on_sync_timer(&mut self, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        let in_generation = matches!(self.state, State::Completing | State::Stable);
        if !in_generation || self.pending_sync.is_empty() {
            return;
        }
        for member_id in std::mem::take(&mut self.pending_sync) {
            self.drop_member(&member_id, ErrorCode::UnknownMemberId, turn);
        }
        self.rebalance(config, turn);
    }

    /// Takes the member out and answers whatever it still waits for.
    pub(crate) fn drop_member(
        &mut self,
        member_id: &str,
        error: ErrorCode,
        turn: &mut GroupTurn<'_>,
    ) {
        let Some(member) = self.members.remove(member_id) else {
            return;
        };
        turn.timers.cancel(&self.session_timer(&member.id));
        self.pending_sync.remove(member_id);
        if self.is_leader(member_id) {
            self.leader = self.members.iter().next().map(|member| member.id.clone());
        }
        if let Some(token) = member.awaiting_join() {
            turn.reply(token, join_failed(Arc::from(""), error));
        }
        if let Some(token) = member.awaiting_sync {
            turn.reply(token, sync_failed(error));
        }
    }

    pub(crate) fn drop_all(&mut self, error: ErrorCode, turn: &mut GroupTurn<'_>) {
        for member_id in self.members.ids() {
            self.drop_member(&member_id, error, turn);
        }
    }

    /// Ends the join phase with those who came.
    fn complete_join(&mut self, turn: &mut GroupTurn<'_>) {
        turn.timers.cancel(&self.join_timer());
        self.drop_absent_dynamic_members(turn);
        if self.members.is_empty() {
            self.become_empty(turn);
        } else if self.elect_leader() {
            self.open_generation(turn);
        } else {
            // Only static members are left and none of them came: their sessions decide.
            self.state = State::Preparing(None);
            self.wait_for_joins(turn);
        }
    }

    fn wait_for_joins(&self, turn: &mut GroupTurn<'_>) {
        let deadline = turn.now.steady + self.members.rebalance_timeout_ms();
        turn.timers.schedule(self.join_timer(), deadline);
    }

    fn drop_absent_dynamic_members(&mut self, turn: &mut GroupTurn<'_>) {
        let absent = self
            .members
            .iter()
            .filter(|member| member.awaiting_join().is_none() && member.instance_id.is_none());
        let absent: Vec<Arc<str>> = absent.map(|member| member.id.clone()).collect();
        for member_id in absent {
            self.drop_member(&member_id, ErrorCode::UnknownMemberId, turn);
        }
    }

    /// The leader stays if it came; otherwise one who did takes over.
    fn elect_leader(&mut self) -> bool {
        let came = |id: &Arc<str>| {
            let member = self.members.get(id);
            member.is_some_and(|member| member.awaiting_join().is_some())
        };
        if self.leader.as_ref().is_some_and(came) {
            return true;
        }
        let next = self
            .members
            .iter()
            .find(|member| member.awaiting_join().is_some());
        match next.map(|member| member.id.clone()) {
            Some(id) => {
                self.leader = Some(id);
                true
            }
            None => false,
        }
    }

    fn become_empty(&mut self, turn: &mut GroupTurn<'_>) {
        self.next_generation();
        self.protocol = None;
        self.leader = None;
        self.update_subscription();
        self.enter(State::Empty, turn.now.wall);
        // Should the write fail, the last generation comes back with the next coordinator and its
        // members time out there: nobody has to be told.
        self.persist(&[], Deferred::Nothing, turn);
    }

    fn open_generation(&mut self, turn: &mut GroupTurn<'_>) {
        self.next_generation();
        self.protocol = self.members.vote();
        self.update_subscription();
        self.enter(State::Completing, turn.now.wall);
        for member_id in self.members.ids() {
            if let Some(token) = self.members.take_join(&member_id) {
                turn.reply(token, self.joined(&member_id, false));
            }
            if let Some(member) = self.members.get_mut(&member_id) {
                member.is_new = false;
            }
            self.touch(&member_id, turn);
            self.pending_sync.insert(member_id);
        }
        let deadline = turn.now.steady + self.members.rebalance_timeout_ms();
        turn.timers.schedule(self.sync_timer(), deadline);
    }

    /// Generations are positive; after the last comes the first.
    fn next_generation(&mut self) {
        self.generation = self.generation.checked_add(1).unwrap_or(1);
    }
}
