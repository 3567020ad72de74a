//! Heartbeat: the group's coordinator answers.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::heartbeat_response::HeartbeatResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: HeartbeatRequest) -> HeartbeatResponse {
    let request = GroupRequest::Heartbeat(request);
    match call.context.groups.ask(request).await {
        GroupResponse::Heartbeat(response) => response,
        other => mismatch(&other),
    }
}
