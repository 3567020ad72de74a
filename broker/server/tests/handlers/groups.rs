//! What members of groups are told, and those who look after groups.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;
use millrace_wire::messages::delete_groups_request::DeleteGroupsRequest;
use millrace_wire::messages::describe_groups_request::DescribeGroupsRequest;
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use millrace_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use millrace_wire::messages::list_groups_request::ListGroupsRequest;
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use millrace_wire::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use millrace_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use millrace_wire::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::book::{Book, CLIENT, encoded};
use crate::requests::{create, name, topic};

const GROUP: &str = "group";
const TOPIC: &str = "events";
/// More than `offset.metadata.max.bytes`.
const LONG_NOTE: usize = 4097;

/// A consumer's subscription to [`TOPIC`], version 0.
const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x06events\xff\xff\xff\xff";

fn join(member: &str, protocol: &str, session_ms: i32) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: GROUP.into(),
        session_timeout_ms: session_ms,
        rebalance_timeout_ms: 10_000,
        member_id: member.into(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: protocol.into(),
            metadata: Bytes::from_static(SUBSCRIPTION),
        }],
        ..JoinGroupRequest::default()
    }
}

fn sync(member: &Arc<str>, generation_id: i32) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: GROUP.into(),
        generation_id,
        member_id: member.clone(),
        protocol_type: name("consumer"),
        protocol_name: name("range"),
        assignments: vec![SyncGroupRequestAssignment {
            member_id: member.clone(),
            assignment: Bytes::from_static(b"yours"),
        }],
        ..SyncGroupRequest::default()
    }
}

fn heartbeat(member: &str, generation_id: i32) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: GROUP.into(),
        generation_id,
        member_id: member.into(),
        ..HeartbeatRequest::default()
    }
}

fn commit(group: &str, member: &str, generation: i32, note: &str) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: generation,
        member_id: member.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: TOPIC.into(),
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: 5,
                committed_leader_epoch: 3,
                committed_metadata: name(note),
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

fn fetch(group: &str, topics: Option<Vec<OffsetFetchRequestTopics>>) -> OffsetFetchRequest {
    OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.into(),
            topics,
            ..OffsetFetchRequestGroup::default()
        }],
        ..OffsetFetchRequest::default()
    }
}

fn delete_offset(group: &str) -> OffsetDeleteRequest {
    OffsetDeleteRequest {
        group_id: group.into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: TOPIC.into(),
            partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    }
}

async fn open() -> Book {
    let mut book = Book::open().await;
    let request = create(vec![topic(TOPIC, &[])]);
    book.world.send(encoded(&request, 5, CLIENT)).await;
    book
}

async fn find(book: &mut Book) {
    let early = heartbeat("nobody", 1);
    book.ask("before there is a coordinator", 4, &early).await;
    for (case, key_type) in [
        ("a group's coordinator", 0),
        ("a transaction's coordinator", 1),
        ("a coordinator of nothing", 9),
    ] {
        let request = FindCoordinatorRequest {
            key_type,
            coordinator_keys: vec![GROUP.into(), "other".into()],
            ..FindCoordinatorRequest::default()
        };
        book.ask(case, 4, &request).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_comes_stays_and_goes() {
    let mut book = open().await;
    find(&mut book).await;
    let nameless = JoinGroupRequest {
        group_id: "".into(),
        ..join("", "range", 10_000)
    };
    book.ask("joining a group without a name", 9, &nameless)
        .await;
    book.ask("joining with a session too short", 9, &join("", "range", 1))
        .await;
    book.ask(
        "joining as somebody unknown",
        9,
        &join("nobody", "range", 10_000),
    )
    .await;
    let asked = book
        .ask("joining for the first time", 9, &join("", "range", 10_000))
        .await;
    let member = asked.unwrap().member_id;
    let joined = book
        .ask("joining with the id", 9, &join(&member, "range", 10_000))
        .await;
    let generation = joined.unwrap().generation_id;
    let other = join("", "sticky", 10_000);
    book.ask("joining with another protocol", 9, &other).await;
    book.ask(
        "heart beats before the assignment",
        4,
        &heartbeat(&member, generation),
    )
    .await;
    book.ask(
        "committing before the assignment",
        9,
        &commit(GROUP, &member, generation, ""),
    )
    .await;
    book.ask(
        "an assignment of another generation",
        5,
        &sync(&member, generation + 1),
    )
    .await;
    book.ask("the assignment", 5, &sync(&member, generation))
        .await;
    book.ask("the heart beats", 4, &heartbeat(&member, generation))
        .await;
    book.ask(
        "the heart beats in another generation",
        4,
        &heartbeat(&member, 9),
    )
    .await;
    book.ask(
        "somebody else's heart beats",
        4,
        &heartbeat("nobody", generation),
    )
    .await;
    book.ask("committing", 9, &commit(GROUP, &member, generation, "note"))
        .await;
    book.ask(
        "committing in another generation",
        9,
        &commit(GROUP, &member, 9, ""),
    )
    .await;
    book.ask(
        "committing as somebody else",
        9,
        &commit(GROUP, "nobody", generation, ""),
    )
    .await;
    book.ask("committing from outside", 9, &commit(GROUP, "", -1, ""))
        .await;
    let note = "x".repeat(LONG_NOTE);
    book.ask(
        "committing a long note",
        9,
        &commit(GROUP, &member, generation, &note),
    )
    .await;
    book.ask(
        "deleting an offset that is in use",
        0,
        &delete_offset(GROUP),
    )
    .await;
    let deletion = DeleteGroupsRequest {
        groups_names: vec![GROUP.into()],
    };
    book.ask("deleting a group with members", 2, &deletion)
        .await;
    look(&mut book).await;
    leave(&mut book, &member).await;
    book.ask("deleting an offset", 0, &delete_offset(GROUP))
        .await;
    book.ask("deleting a group", 2, &deletion).await;
    book.ask("deleting a group that is gone", 2, &deletion)
        .await;
    book.close("members");
}

async fn look(book: &mut Book) {
    for (case, version, group) in [
        ("a group with a member", 6, GROUP),
        ("a group that is not there, of old", 5, "missing"),
        ("a group that is not there", 6, "missing"),
    ] {
        let request = DescribeGroupsRequest {
            groups: vec![group.into()],
            ..DescribeGroupsRequest::default()
        };
        book.ask(case, version, &request).await;
    }
    for (case, states, types) in [
        ("all groups", vec![], vec![]),
        (
            "groups in a state, as it is written",
            vec!["stable".into()],
            vec![],
        ),
        ("groups in another state", vec!["Empty".into()], vec![]),
        ("groups of a type", vec![], vec!["CLASSIC".into()]),
        ("groups of another type", vec![], vec!["Share".into()]),
    ] {
        let request = ListGroupsRequest {
            states_filter: states,
            types_filter: types,
        };
        book.ask(case, 5, &request).await;
    }
}

async fn leave(book: &mut Book, member: &Arc<str>) {
    let of = |member_id: Arc<str>| MemberIdentity {
        member_id,
        ..MemberIdentity::default()
    };
    let request = LeaveGroupRequest {
        group_id: GROUP.into(),
        members: vec![of(member.clone()), of("nobody".into())],
        ..LeaveGroupRequest::default()
    };
    book.ask("leaving, two of them", 5, &request).await;
    let alone = LeaveGroupRequest {
        group_id: GROUP.into(),
        member_id: "nobody".into(),
        ..LeaveGroupRequest::default()
    };
    book.ask("leaving, of old", 2, &alone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_kept_for_whom_they_concern() {
    let mut book = open().await;
    find(&mut book).await;
    book.ask(
        "committing for nobody in particular",
        9,
        &commit("simple", "", -1, "note"),
    )
    .await;
    let missing = {
        let mut request = commit("simple", "", -1, "");
        request.topics[0].name = "missing".into();
        request
    };
    book.ask("committing for a topic that is not there", 9, &missing)
        .await;
    let one = |name: &str, index| OffsetFetchRequestTopics {
        name: name.into(),
        partition_indexes: vec![index],
        ..OffsetFetchRequestTopics::default()
    };
    for (case, group, topics) in [
        ("what was committed", "simple", Some(vec![one(TOPIC, 0)])),
        ("all that was committed", "simple", None),
        (
            "what was not committed",
            "simple",
            Some(vec![one(TOPIC, 1), one("missing", 0)]),
        ),
        (
            "of a group that is not there",
            "missing",
            Some(vec![one(TOPIC, 0)]),
        ),
        ("all of a group that is not there", "missing", None),
    ] {
        book.ask(case, 9, &fetch(group, topics)).await;
    }
    let by_unknown_id = OffsetFetchRequestTopics {
        topic_id: Uuid(*b"nobody's id here"),
        partition_indexes: vec![0],
        ..OffsetFetchRequestTopics::default()
    };
    book.ask(
        "by an id of no topic",
        10,
        &fetch("simple", Some(vec![by_unknown_id])),
    )
    .await;
    book.ask(
        "deleting in a group that is not there",
        0,
        &delete_offset("missing"),
    )
    .await;
    book.close("committed");
}
