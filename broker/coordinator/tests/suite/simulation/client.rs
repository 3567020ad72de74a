//! A consumer as clients implement it, with its mind laid open.

use std::sync::Arc;

use bytes::Bytes;
use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_types::ErrorCode;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::join_group_response::JoinGroupResponse;
use millrace_wire::messages::leave_group_request::MemberIdentity;
use millrace_wire::messages::sync_group_response::SyncGroupResponse;

use crate::requests::{Member, caller, join, leave, protocol, subscription};

const SESSION_MS: i32 = 6_000;
const REBALANCE_MS: i32 = 8_000;
const HEARTBEAT_MS: i64 = 2_000;
/// Clients wait for a join longer than the rebalance may take.
const REQUEST_TIMEOUT_MS: i64 = 13_000;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Wants to join.
    Out,
    Joining,
    /// Has joined; the leader brings the assignments.
    Joined(Vec<(Arc<str>, Bytes)>),
    Syncing,
    In,
    Beating,
}

pub(crate) struct Client {
    pub(crate) member: Member,
    pub(crate) phase: Phase,
    pub(crate) is_leader: bool,
    name: String,
    fresh: u128,
    asked_at: i64,
    next_beat: i64,
}

impl Client {
    pub(crate) fn new(number: u64, is_static: bool) -> Self {
        let mut member = Member::new("g");
        let name = format!("client{number}");
        if is_static {
            member.instance = Some(Arc::from(format!("instance{number}")));
        }
        Self {
            member,
            phase: Phase::Out,
            is_leader: false,
            name,
            fresh: u128::from(number) << 64,
            asked_at: 0,
            next_beat: 0,
        }
    }

    pub(crate) fn forget(&mut self) {
        self.member.id = Arc::from("");
        self.member.generation = -1;
        self.is_leader = false;
        self.phase = Phase::Out;
    }

    pub(crate) fn has_given_up(&self, now: i64, is_impatient: bool) -> bool {
        let waits = matches!(self.phase, Phase::Joining | Phase::Syncing | Phase::Beating);
        waits && (is_impatient || now - self.asked_at > REQUEST_TIMEOUT_MS)
    }

    /// Tries again what it has given up waiting for.
    pub(crate) fn retry(&mut self) {
        self.phase = match self.phase {
            // The leader has lost sight of the assignment it made.
            Phase::Syncing if !self.is_leader => Phase::Joined(Vec::new()),
            _ => Phase::Out,
        };
    }

    /// Says good-bye if it is a member in good standing.
    pub(crate) fn leave(&self) -> Option<GroupRequest> {
        if self.phase != Phase::In {
            return None;
        }
        let identity = MemberIdentity {
            member_id: self.member.id.clone(),
            group_instance_id: self.member.instance.clone(),
            reason: None,
        };
        Some(leave("g", 4, vec![identity]))
    }

    pub(crate) fn act(&mut self, now: i64) -> Option<GroupRequest> {
        let request = match &self.phase {
            Phase::Out => {
                self.phase = Phase::Joining;
                self.join()
            }
            Phase::Joined(assignments) => {
                let request = self.member.sync(3, assignments);
                self.phase = Phase::Syncing;
                request
            }
            Phase::In if now >= self.next_beat => {
                self.phase = Phase::Beating;
                self.member.heartbeat()
            }
            Phase::Joining | Phase::Syncing | Phase::In | Phase::Beating => return None,
        };
        self.asked_at = now;
        Some(request)
    }

    fn join(&mut self) -> GroupRequest {
        self.fresh += 1;
        let request = JoinGroupRequest {
            group_id: self.member.group.clone(),
            session_timeout_ms: SESSION_MS,
            rebalance_timeout_ms: REBALANCE_MS,
            member_id: self.member.id.clone(),
            group_instance_id: self.member.instance.clone(),
            protocol_type: Arc::from("consumer"),
            protocols: vec![protocol("range", subscription(["t"]))],
            reason: None,
        };
        join(caller(9, &self.name, self.fresh), request)
    }

    pub(crate) fn hear(&mut self, response: &GroupResponse, now: i64) {
        match response {
            GroupResponse::Join(joined) => self.joined(joined),
            GroupResponse::Sync(synced) => self.synced(synced, now),
            GroupResponse::Heartbeat(beat) => {
                self.phase = Phase::In;
                self.next_beat = now + HEARTBEAT_MS;
                self.obey(beat.error_code);
            }
            _ => {}
        }
    }

    fn joined(&mut self, joined: &JoinGroupResponse) {
        if joined.error_code == ErrorCode::MemberIdRequired.code() {
            self.member.id = joined.member_id.clone();
            self.phase = Phase::Out;
            return;
        }
        if joined.error_code != 0 {
            self.phase = Phase::Out;
            return self.obey(joined.error_code);
        }
        self.member.id = joined.member_id.clone();
        self.member.generation = joined.generation_id;
        self.is_leader = joined.leader == joined.member_id;
        assert_eq!(self.is_leader, !joined.members.is_empty());
        let assignments = joined.members.iter().filter(|_| !joined.skip_assignment);
        let assignments = assignments.map(|member| {
            let name = member
                .group_instance_id
                .as_ref()
                .unwrap_or(&member.member_id);
            (
                member.member_id.clone(),
                assignment(joined.generation_id, name),
            )
        });
        self.phase = Phase::Joined(assignments.collect());
    }

    /// Nobody may ever be given what is another's.
    fn synced(&mut self, synced: &SyncGroupResponse, now: i64) {
        if synced.error_code != 0 {
            self.phase = Phase::Out;
            return self.obey(synced.error_code);
        }
        let name = self.member.instance.as_ref().unwrap_or(&self.member.id);
        assert_eq!(synced.assignment, assignment(self.member.generation, name));
        self.phase = Phase::In;
        self.next_beat = now + HEARTBEAT_MS;
    }

    /// What clients do about errors.
    fn obey(&mut self, error: i16) {
        match ErrorCode::from_code(error) {
            ErrorCode::None => {}
            ErrorCode::UnknownMemberId | ErrorCode::FencedInstanceId => self.forget(),
            _ => self.phase = Phase::Out,
        }
    }
}

fn assignment(generation: i32, name: &str) -> Bytes {
    Bytes::from(format!("what {name} gets in generation {generation}"))
}
