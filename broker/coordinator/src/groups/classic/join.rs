//! JoinGroup: who is let in, under which id, and whether the group has to rebalance for it.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::{ErrorCode, Uuid};
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};

use crate::groups::classic::group::{ClassicGroup, State};
use crate::groups::classic::members::{Member, Offer, Protocol};
use crate::groups::config::{
    GroupConfig, MAX_GROUP_METADATA_BYTES, MAX_METADATA_BYTES, MAX_NAME_BYTES, MAX_PENDING_MEMBERS,
    MAX_PROTOCOLS, NEW_MEMBER_JOIN_TIMEOUT_MS,
};
use crate::groups::request::{Caller, GroupResponse, join_failed};
use crate::groups::turn::GroupTurn;
use crate::result::RequestToken;

/// From this version on a new dynamic member first gets its id, then joins with it (KIP-394).
const FIRST_VERSION_WITH_REQUIRED_MEMBER_ID: i16 = 4;

/// A join whose form has been checked.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) token: RequestToken,
    pub(crate) caller: Caller,
    pub(crate) member_id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) protocol_type: Arc<str>,
    pub(crate) offer: Offer,
}

impl Join {
    /// Checks all that needs no group, and copies what will be kept off the request's frame.
    pub(crate) fn new(
        token: RequestToken,
        caller: Caller,
        request: &JoinGroupRequest,
        config: &GroupConfig,
    ) -> Result<Self, ErrorCode> {
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let session = config.min_session_timeout_ms..=config.max_session_timeout_ms;
        if !session.contains(&request.session_timeout_ms) {
            return Err(ErrorCode::InvalidSessionTimeout);
        }
        if !is_within_limits(&caller, request) {
            return Err(ErrorCode::InvalidRequest);
        }
        Ok(Self {
            token,
            caller,
            member_id: request.member_id.clone(),
            instance_id: request.group_instance_id.clone(),
            protocol_type: request.protocol_type.clone(),
            offer: offer(request),
        })
    }
}

fn is_within_limits(caller: &Caller, request: &JoinGroupRequest) -> bool {
    let protocols = &request.protocols;
    let fixed = [
        &request.group_id,
        &request.member_id,
        &request.protocol_type,
        &caller.client_id,
        &caller.client_host,
    ];
    let names = protocols.iter().map(|protocol| &protocol.name);
    let mut names = fixed
        .into_iter()
        .chain(&request.group_instance_id)
        .chain(names);
    let metadata: usize = protocols
        .iter()
        .map(|protocol| protocol.metadata.len())
        .sum();
    protocols.len() <= MAX_PROTOCOLS
        && metadata <= MAX_METADATA_BYTES
        && names.all(|name| name.len() <= MAX_NAME_BYTES)
}

fn offer(request: &JoinGroupRequest) -> Offer {
    // Version 0 has no rebalance timeout of its own.
    let rebalance_timeout_ms = match request.rebalance_timeout_ms {
        unset if unset < 0 => request.session_timeout_ms,
        timeout => timeout,
    };
    let protocols = request.protocols.iter().map(|protocol| Protocol {
        name: protocol.name.clone(),
        metadata: Bytes::copy_from_slice(&protocol.metadata),
    });
    Offer {
        rebalance_timeout_ms,
        session_timeout_ms: request.session_timeout_ms,
        protocols: protocols.collect(),
    }
}

impl ClassicGroup {
    pub(crate) fn join(&mut self, join: Join, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        if !self.has_room_for(&join, config.member_limit()) {
            if self.members.contains(&join.member_id) {
                self.drop_member(&join.member_id, ErrorCode::GroupMaxSizeReached, turn);
                self.go_on_without_them(config, turn);
            }
            return refuse(&join, Arc::from(""), ErrorCode::GroupMaxSizeReached, turn);
        }
        if !self.suits(&join) {
            let member_id = join.member_id.clone();
            return refuse(&join, member_id, ErrorCode::InconsistentGroupProtocol, turn);
        }
        if join.member_id.is_empty() {
            self.join_unnamed(join, config, turn);
        } else if self.pending_join.contains(&join.member_id) && join.instance_id.is_none() {
            let member_id = join.member_id.clone();
            self.add_member(member_id, join, config, turn);
        } else {
            self.rejoin(join, config, turn);
        }
    }

    /// Counts those who wait while the group prepares, because the others may be on their way out;
    /// this lets a group shrink when the limit has been lowered.
    fn has_room_for(&self, join: &Join, limit: usize) -> bool {
        let member = self.members.get(&join.member_id);
        let before = member.map_or(0, |member| member.offer.metadata_bytes());
        let others = self.members.metadata_bytes() - before;
        if others + join.offer.metadata_bytes() > MAX_GROUP_METADATA_BYTES {
            return false;
        }
        match self.state {
            State::Empty => true,
            State::Preparing(_) => {
                member.is_some_and(|member| member.awaiting_join().is_some())
                    || self.members.awaiting_join() < limit
            }
            State::Completing | State::Stable => member.is_some() || self.members.len() < limit,
        }
    }

    fn suits(&self, join: &Join) -> bool {
        if join.protocol_type.is_empty() || join.offer.protocols.is_empty() {
            return false;
        }
        self.is_empty()
            || (self.protocol_type.as_ref() == Some(&join.protocol_type)
                && self.members.all_support_one_of(&join.offer.protocols))
    }

    fn join_unnamed(&mut self, join: Join, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        let prefix = join.instance_id.as_ref().unwrap_or(&join.caller.client_id);
        let member_id = member_id(prefix, join.caller.fresh_id);
        let known = join.instance_id.as_ref();
        let known = known.and_then(|instance| self.members.of_instance(instance).cloned());
        if let Some(old_id) = known {
            self.rejoin_static(&old_id, member_id, join, config, turn);
        } else if join.instance_id.is_none()
            && join.caller.version >= FIRST_VERSION_WITH_REQUIRED_MEMBER_ID
        {
            self.hand_out(member_id, &join, turn);
        } else {
            self.add_member(member_id, join, config, turn);
        }
    }

    fn hand_out(&mut self, member_id: Arc<str>, join: &Join, turn: &mut GroupTurn<'_>) {
        if self.pending_join.len() >= MAX_PENDING_MEMBERS {
            return refuse(join, Arc::from(""), ErrorCode::GroupMaxSizeReached, turn);
        }
        self.pending_join.insert(member_id.clone());
        let deadline = turn.now.steady + i64::from(join.offer.session_timeout_ms);
        turn.timers
            .schedule(self.session_timer(&member_id), deadline);
        refuse(join, member_id, ErrorCode::MemberIdRequired, turn);
    }

    fn add_member(
        &mut self,
        member_id: Arc<str>,
        join: Join,
        config: &GroupConfig,
        turn: &mut GroupTurn<'_>,
    ) {
        let mut member = Member::new(member_id.clone(), join.instance_id, join.offer);
        member.client_id = join.caller.client_id;
        member.client_host = join.caller.client_host;
        member.is_new = true;
        if let State::Preparing(Some(delay)) = &mut self.state {
            delay.new_member = true;
        }
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type);
        }
        self.pending_join.remove(&member_id);
        self.leader.get_or_insert_with(|| member_id.clone());
        self.members.insert(member);
        self.members.park_join(&member_id, join.token);
        // It does not know its id yet, so no heartbeat can come from it.
        let deadline = turn.now.steady + NEW_MEMBER_JOIN_TIMEOUT_MS;
        turn.timers
            .schedule(self.session_timer(&member_id), deadline);
        self.rebalance_or_join_if_all_came(config, turn);
    }

    fn rejoin(&mut self, join: Join, config: &GroupConfig, turn: &mut GroupTurn<'_>) {
        let member_id = join.member_id.clone();
        let checked = self.members.check(&member_id, join.instance_id.as_deref());
        if let Err(error) = checked {
            return refuse(&join, member_id, error, turn);
        }
        let offers_the_same = self
            .members
            .get(&member_id)
            .is_some_and(|member| member.offer.protocols == join.offer.protocols);
        let is_leader = self.is_leader(&member_id);
        match self.state {
            // Its group has moved on without it.
            State::Empty => refuse(&join, member_id, ErrorCode::UnknownMemberId, turn),
            // The answer to its join got lost: here it is again.
            State::Completing if offers_the_same => {
                turn.reply(join.token, self.joined(&member_id, false));
            }
            // A follower with nothing new. The leader rejoins to make a new assignment.
            State::Stable if offers_the_same && !is_leader => {
                turn.reply(join.token, self.joined(&member_id, false));
            }
            State::Preparing(_) | State::Completing | State::Stable => {
                self.members.update(&member_id, join.offer);
                self.park_join(&member_id, join.token, turn);
                self.rebalance_or_join_if_all_came(config, turn);
            }
        }
    }

    /// Keeps the token until the rebalance ends. A token kept before belongs to a connection that
    /// the member has given up: it is told to join again.
    pub(crate) fn park_join(
        &mut self,
        member_id: &Arc<str>,
        token: RequestToken,
        turn: &mut GroupTurn<'_>,
    ) {
        if let Some(before) = self.members.park_join(member_id, token) {
            let response = join_failed(member_id.clone(), ErrorCode::RebalanceInProgress);
            turn.reply(before, response);
        }
    }

    /// The answer to a join that has ended well.
    pub(crate) fn joined(&self, member_id: &Arc<str>, skip_assignment: bool) -> GroupResponse {
        let members = if self.is_leader(member_id) {
            self.members_for_leader()
        } else {
            Vec::new()
        };
        GroupResponse::Join(JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_else(|| Arc::from("")),
            skip_assignment,
            member_id: member_id.clone(),
            members,
            ..JoinGroupResponse::default()
        })
    }

    fn members_for_leader(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol.as_deref().unwrap_or("");
        let members = self.members.iter().map(|member| JoinGroupResponseMember {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            metadata: member.offer.metadata(protocol),
        });
        members.collect()
    }
}

fn refuse(join: &Join, member_id: Arc<str>, error: ErrorCode, turn: &mut GroupTurn<'_>) {
    turn.reply(join.token, join_failed(member_id, error));
}

/// As Kafka makes them: what the client calls itself, and a UUID.
fn member_id(prefix: &str, fresh: Uuid) -> Arc<str> {
    let hex = format!("{:032x}", u128::from_be_bytes(fresh.0));
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Arc::from(format!("{prefix}-{}", parts.join("-")))
}
