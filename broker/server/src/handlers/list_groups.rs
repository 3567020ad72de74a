//! ListGroups: what all shards of this broker have, in order.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::list_groups_response::ListGroupsResponse;

use crate::call::Call;

pub(crate) async fn handle(call: Call, request: ListGroupsRequest) -> ListGroupsResponse {
    let mut response = ListGroupsResponse::default();
    for answer in call
        .context
        .groups
        .ask_all(&GroupRequest::List(request))
        .await
    {
        match answer {
            GroupResponse::List(Ok(groups)) => response.groups.extend(groups),
            GroupResponse::List(Err(code)) => response.error_code = code.code(),
            _ => {}
        }
    }
    response
        .groups
        .sort_by(|one, other| one.group_id.cmp(&other.group_id));
    response
}
