//! SyncGroup: the group's coordinator answers.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::sync_group_request::SyncGroupRequest;
use millrace_wire::messages::sync_group_response::SyncGroupResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: SyncGroupRequest) -> SyncGroupResponse {
    let request = GroupRequest::Sync {
        version: call.version,
        request,
    };
    match call.context.groups.ask(request).await {
        GroupResponse::Sync(response) => response,
        other => mismatch(&other),
    }
}
