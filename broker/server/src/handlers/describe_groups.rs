//! DescribeGroups: each group's coordinator answers for it.

use millrace_coordinator::{GroupRequest, GroupResponse};
use millrace_wire::messages::describe_groups_request::DescribeGroupsRequest;
use millrace_wire::messages::describe_groups_response::DescribeGroupsResponse;

use crate::call::Call;
use crate::handlers::group::mismatch;

pub(crate) async fn handle(call: Call, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let mut response = DescribeGroupsResponse::default();
    for group_id in request.groups {
        let asked = GroupRequest::Describe {
            version: call.version,
            group_id,
        };
        response
            .groups
            .push(match call.context.groups.ask(asked).await {
                GroupResponse::Describe(group) => group,
                other => mismatch(&other),
            });
    }
    response
}
