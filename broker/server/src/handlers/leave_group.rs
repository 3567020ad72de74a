//! LeaveGroup: the group's coordinator answers.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::leave_group_request::LeaveGroupRequest;
use millrace_wire::messages::leave_group_response::LeaveGroupResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let request = GroupRequest::Leave {
        version: call.version,
        request,
    };
    match call.context.groups.ask(request).await {
        GroupResponse::Leave(response) => response,
        other => mismatch(&other),
    }
}
