//! DeleteGroups: each group's coordinator answers for it.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::delete_groups_request::DeleteGroupsRequest;
use millrace_wire::messages::delete_groups_response::DeleteGroupsResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let mut response = DeleteGroupsResponse::default();
    for group_id in request.groups_names {
        let asked = GroupRequest::Delete { group_id };
        response
            .results
            .push(match call.context.groups.ask(asked).await {
                GroupResponse::Delete(result) => result,
                other => mismatch(&other),
            });
    }
    response
}
