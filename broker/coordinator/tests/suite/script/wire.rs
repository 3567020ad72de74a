//! Whatever is answered can be sent in the version that was asked in.

use millrace_coordinator::{GroupRequest, GroupResponse, join_offset_fetch};
use millrace_wire::Message;
use millrace_wire::messages::delete_groups_response::DeleteGroupsResponse;
use millrace_wire::messages::describe_groups_response::DescribeGroupsResponse;
use millrace_wire::messages::list_groups_response::ListGroupsResponse;

pub(super) fn version_of(request: &GroupRequest) -> i16 {
    match request {
        GroupRequest::Join { caller, .. } => caller.version,
        GroupRequest::Sync { version, .. }
        | GroupRequest::Leave { version, .. }
        | GroupRequest::CommitOffsets { version, .. }
        | GroupRequest::Describe { version, .. } => *version,
        GroupRequest::Heartbeat(_) => 4,
        GroupRequest::FetchOffsets { .. } => 10,
        GroupRequest::List(_) => 5,
        GroupRequest::Delete { .. } => 2,
        GroupRequest::DeleteOffsets(_) | GroupRequest::ForgetTopics { .. } => 0,
    }
}

pub(super) fn check(response: &GroupResponse, version: i16) {
    let bytes = match response.clone() {
        GroupResponse::Join(message) => message.to_bytes(version),
        GroupResponse::Sync(message) => message.to_bytes(version),
        GroupResponse::Heartbeat(message) => message.to_bytes(version),
        GroupResponse::Leave(message) => message.to_bytes(version),
        GroupResponse::CommitOffsets(message) => message.to_bytes(version),
        GroupResponse::FetchOffsets(group) => {
            join_offset_fetch(version, vec![group]).to_bytes(version)
        }
        GroupResponse::DeleteOffsets(message) => message.to_bytes(version),
        GroupResponse::Describe(group) => {
            let groups = vec![group];
            let message = DescribeGroupsResponse {
                groups,
                ..DescribeGroupsResponse::default()
            };
            message.to_bytes(version)
        }
        GroupResponse::List(groups) => {
            let groups = groups.expect("a list");
            let message = ListGroupsResponse {
                groups,
                ..ListGroupsResponse::default()
            };
            message.to_bytes(version)
        }
        GroupResponse::Delete(result) => {
            let results = vec![result];
            let message = DeleteGroupsResponse {
                results,
                ..DeleteGroupsResponse::default()
            };
            message.to_bytes(version)
        }
        GroupResponse::ForgetTopics(_) => return,
    };
    assert!(
        bytes.is_ok(),
        "version {version} of {response:?}: {bytes:?}"
    );
}
