//! OffsetDelete: the group's coordinator answers.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::offset_delete_request::OffsetDeleteRequest;
use millrace_wire::messages::offset_delete_response::OffsetDeleteResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let request = GroupRequest::DeleteOffsets(request);
    match call.context.groups.ask(request).await {
        GroupResponse::DeleteOffsets(response) => response,
        other => mismatch(&other),
    }
}
