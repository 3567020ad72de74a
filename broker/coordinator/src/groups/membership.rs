//! Requests of members, brought to their group; what is answered for groups that are not there.

use millrace_types::ErrorCode;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use millrace_wire::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use millrace_wire::messages::sync_group_request::SyncGroupRequest;

use crate::groups::classic::{ClassicGroup, Join, leave_response};
use crate::groups::config::MAX_GROUPS;
use crate::groups::request::{Caller, GroupResponse, join_failed, leave_failed, sync_failed};
use crate::groups::shard::{Group, GroupShard, reply_once_written};
use crate::groups::turn::GroupTurn;
use crate::result::RequestToken;

/// Up to this version LeaveGroup names one member, without a list.
const LAST_VERSION_WITH_ONE_MEMBER: i16 = 2;

impl GroupShard {
    pub(crate) fn join(
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

    pub(crate) fn sync(
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

    pub(crate) fn heartbeat(
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

    pub(crate) fn leave(
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
}

/// The members that a request names, whatever its version.
fn leaving_members(version: i16, request: LeaveGroupRequest) -> Vec<MemberIdentity> {
    if version > LAST_VERSION_WITH_ONE_MEMBER {
        return request.members;
    }
    vec![MemberIdentity {
        member_id: request.member_id,
        ..MemberIdentity::default()
    }]
}

fn named(group_id: &str) -> Result<(), ErrorCode> {
    if group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    Ok(())
}

fn leave_reply(version: i16, members: Vec<MemberResponse>) -> GroupResponse {
    let mut response = LeaveGroupResponse::default();
    if version <= LAST_VERSION_WITH_ONE_MEMBER {
        response.error_code = members.first().map_or(0, |member| member.error_code);
    } else {
        response.members = members;
    }
    GroupResponse::Leave(response)
}
