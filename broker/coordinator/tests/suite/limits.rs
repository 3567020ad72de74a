//! What is too much is refused, and the group stays as it was.

use std::sync::Arc;

use bytes::Bytes;
use millrace_coordinator::{
    GroupConfig, GroupResponse, MAX_GROUP_METADATA_BYTES, MAX_METADATA_BYTES, MAX_NAME_BYTES,
    MAX_PROTOCOLS,
};
use millrace_types::ErrorCode;
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};

use crate::bench::Bench;
use crate::requests::{caller, join, protocol};

/// Below it a new member is added to the group at once.
const VERSION_WITHOUT_MEMBER_ID: i16 = 3;

fn request(protocols: Vec<JoinGroupRequestProtocol>) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: Arc::from("g"),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: Arc::from("consumer"),
        protocols,
        ..JoinGroupRequest::default()
    }
}

fn error(bench: &mut Bench, request: JoinGroupRequest) -> Option<ErrorCode> {
    let fresh = u128::from(bench.asked());
    bench.ask(join(caller(VERSION_WITHOUT_MEMBER_ID, "c", fresh), request));
    let reply = bench.replies.pop()?;
    match reply.response {
        GroupResponse::Join(joined) => Some(ErrorCode::from_code(joined.error_code)),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_join_beyond_its_limits_is_refused_and_leaves_no_group() {
    let long: Arc<str> = Arc::from("x".repeat(MAX_NAME_BYTES + 1));
    let range = || vec![protocol("range", Bytes::new())];
    let big = vec![protocol(
        "range",
        Bytes::from(vec![0; MAX_METADATA_BYTES + 1]),
    )];
    let many = (0..=MAX_PROTOCOLS).map(|number| protocol(&number.to_string(), Bytes::new()));
    let cases = [
        request(big),
        request(many.collect()),
        request(vec![protocol(&long, Bytes::new())]),
        JoinGroupRequest {
            group_id: long.clone(),
            ..request(range())
        },
        JoinGroupRequest {
            group_instance_id: Some(long),
            ..request(range())
        },
    ];
    let mut bench = Bench::new(GroupConfig::default());
    for request in cases {
        let refused = error(&mut bench, request);
        assert_eq!(refused, Some(ErrorCode::InvalidRequest));
    }
    assert_eq!(bench.runtime.shard().group_count(), 0);
}

#[test]
fn the_metadata_of_a_group_has_an_end() {
    let mut bench = Bench::new(GroupConfig::default());
    let metadata = Bytes::from(vec![0; MAX_METADATA_BYTES]);
    for _ in 0..MAX_GROUP_METADATA_BYTES / MAX_METADATA_BYTES {
        let joined = request(vec![protocol("range", metadata.clone())]);
        assert_eq!(error(&mut bench, joined), None);
    }
    let over = request(vec![protocol("range", Bytes::from_static(b"x"))]);
    let refused = error(&mut bench, over);
    assert_eq!(refused, Some(ErrorCode::GroupMaxSizeReached));
    let empty = request(vec![protocol("range", Bytes::new())]);
    assert_eq!(error(&mut bench, empty), None);
}
