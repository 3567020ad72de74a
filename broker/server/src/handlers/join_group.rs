//! JoinGroup: the group's coordinator answers when the members are complete.

use millrace_coordinator::{Caller, GroupRequest, GroupResponse};
use millrace_types::Uuid;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::join_group_response::JoinGroupResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: JoinGroupRequest) -> JoinGroupResponse {
    let caller = Caller {
        version: call.version,
        client_id: call.client_id.clone().unwrap_or_default(),
        client_host: format!("/{}", call.peer.address.ip()).into(),
        fresh_id: Uuid::random(),
    };
    match call
        .context
        .groups
        .ask(GroupRequest::Join { caller, request })
        .await
    {
        GroupResponse::Join(response) => response,
        other => mismatch(&other),
    }
}
