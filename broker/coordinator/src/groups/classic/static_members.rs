//! Static members (KIP-345): one that comes back without its member id takes its old place under a
//! new id, if possible without a rebalance.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::ErrorCode;

use crate::groups::classic::group::{ClassicGroup, State};
use crate::groups::classic::join::Join;
use crate::groups::classic::members::Offer;
use crate::groups::config::GroupConfig;
use crate::groups::request::{GroupResponse, join_failed, sync_failed};
use crate::groups::turn::{Deferred, GroupTurn};
use crate::result::RequestToken;

/// From this version on a returning leader is told the members, and that no assignment is due
/// (KIP-814). Before, it is made to believe that it is a follower.
const FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT: i16 = 9;

/// A static member's new id on its way into the log, and the way back if it does not get there.
#[derive(Debug)]
pub struct StaticRejoin {
    pub(crate) group: Arc<str>,
    token: RequestToken,
    version: i16,
    new_id: Arc<str>,
    old_id: Arc<str>,
    old_offer: Offer,
    old_leader: Option<Arc<str>>,
}

impl ClassicGroup {
    pub(crate) fn rejoin_static(
        &mut self,
        old_id: &Arc<str>,
        new_id: Arc<str>,
        join: Join,
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) {
        let old_leader = self.leader.clone();
        self.rename(old_id, &new_id, turn);
        let Some(old_offer) = self.members.update(&new_id, join.offer) else {
            return;
        };
        self.members.park_join(&new_id, join.token);
        self.touch(&new_id, turn);
        match self.state {
            State::Stable if self.members.vote() == self.protocol => {
                self.update_subscription();
                let rejoin = StaticRejoin {
                    group: self.id.clone(),
                    token: join.token,
                    version: join.caller.version,
                    new_id,
                    old_id: old_id.clone(),
                    old_offer,
                    old_leader,
                };
                let assignments = self.assignments();
                let deferred = Deferred::StaticRejoin(Box::new(rejoin));
                self.persist(&assignments, deferred, turn);
            }
            // The leader may be assigning to the old id right now.
            State::Stable | State::Completing => self.rebalance(config, turn),
            State::Preparing(_) | State::Empty => self.join_if_all_came(turn),
        }
    }

    /// The new id has committed, or could not be written. If the group has begun to rebalance in
    /// the meantime, the rebalance answers the member.
    pub(crate) fn end_static_rejoin(
        &mut self,
        rejoin: StaticRejoin,
        outcome: Result<(), ErrorCode>,
        turn: &mut GroupTurn<'_>,
    ) {
        let waits = self.members.get(&rejoin.new_id);
        let waits = waits.is_some_and(|member| member.awaiting_join() == Some(rejoin.token));
        if !waits || self.state != State::Stable {
            return;
        }
        self.members.take_join(&rejoin.new_id);
        match outcome {
            Ok(()) => {
                self.touch(&rejoin.new_id, turn);
                turn.reply(rejoin.token, self.rejoined(&rejoin));
            }
            Err(error) => {
                self.members.update(&rejoin.new_id, rejoin.old_offer);
                self.rename(&rejoin.new_id, &rejoin.old_id, turn);
                self.update_subscription();
                self.touch(&rejoin.old_id, turn);
                turn.reply(rejoin.token, join_failed(Arc::from(""), error));
            }
        }
    }

    fn rejoined(&self, rejoin: &StaticRejoin) -> GroupResponse {
        let skips = rejoin.version >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT;
        let mut response = self.joined(&rejoin.new_id, skips && self.is_leader(&rejoin.new_id));
        if let GroupResponse::Join(join) = &mut response
            && !skips
        {
            join.members.clear();
            join.leader = rejoin.old_leader.clone().unwrap_or_default();
        }
        response
    }

    /// Gives the member another id. Whoever still waits under the old one is fenced.
    fn rename(&mut self, old_id: &Arc<str>, new_id: &Arc<str>, turn: &mut GroupTurn<'_>) {
        let joining = self.members.take_join(old_id);
        let Some(mut member) = self.members.remove(old_id) else {
            return;
        };
        let fenced = ErrorCode::FencedInstanceId;
        if let Some(token) = joining {
            turn.reply(token, join_failed(old_id.clone(), fenced));
        }
        if let Some(token) = member.awaiting_sync.take() {
            turn.reply(token, sync_failed(fenced));
        }
        turn.timers.cancel(&self.session_timer(old_id));
        if self.is_leader(old_id) {
            self.leader = Some(new_id.clone());
        }
        if self.pending_sync.remove(old_id) {
            self.pending_sync.insert(new_id.clone());
        }
        member.id = new_id.clone();
        self.members.insert(member);
    }

    fn assignments(&self) -> Vec<(Arc<str>, Bytes)> {
        let members = self.members.iter();
        members
            .map(|member| (member.id.clone(), member.assignment.clone()))
            .collect()
    }
}
