//! What a fetch waits for, and what ends its wait.

use millrace_metadata::control::Decision;
use millrace_types::{ErrorCode, Uuid};
use millrace_wire::Records;
use millrace_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use millrace_wire::messages::fetch_request::FetchRequest;
use millrace_wire::messages::fetch_response::{FetchResponse, PartitionData};
use millrace_wire::messages::produce_request::ProduceRequest;
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;

use crate::book::{CLIENT, decoded, encoded};
use crate::requests::{ask, batch, create, fetch, produce, topic};
use crate::world::{Pending, World};

const TOPIC: &str = "events";
const OTHER: &str = "others";
/// The last version that names topics.
const VERSION: i16 = 12;
/// A wait that nothing ends but what these tests do.
const LONG_MS: i32 = 600_000;
const NO_LEADER: i32 = -1;

async fn open() -> World {
    let mut world = World::start().await;
    let topics = vec![topic(TOPIC, &[]), topic(OTHER, &[])];
    ask(&mut world, 5, &create(topics)).await;
    world
}

async fn put(world: &mut World, name: &str, records: usize) {
    let request: ProduceRequest = produce(name, Uuid::ZERO, 9, batch(records));
    let answer = ask(world, 9, &request).await;
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(partition.error_code, 0);
}

/// A fetch of both topics from their beginning.
fn patient(min_bytes: i32, max_wait_ms: i32) -> FetchRequest {
    let mut request = fetch(TOPIC, Uuid::ZERO, VERSION, 0);
    let others = fetch(OTHER, Uuid::ZERO, VERSION, 0);
    request.topics.extend(others.topics);
    FetchRequest {
        min_bytes,
        max_wait_ms,
        ..request
    }
}

async fn begin(world: &World, request: &FetchRequest) -> Pending {
    world.begin(encoded(request, VERSION, CLIENT)).await
}

async fn answer(pending: Pending) -> FetchResponse {
    decoded::<FetchRequest>(pending.answer().await.frame(), VERSION)
}

fn of<'a>(response: &'a FetchResponse, name: &str) -> &'a PartitionData {
    let mut topics = response.responses.iter();
    let topic = topics.find(|topic| &*topic.topic == name);
    &topic.expect("the topic").partitions[0]
}

fn code(response: &FetchResponse, name: &str) -> ErrorCode {
    ErrorCode::from_code(of(response, name).error_code)
}

fn bytes(response: &FetchResponse, name: &str) -> usize {
    match &of(response, name).records {
        Records::Bytes(bytes) => bytes.len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_produce_ends_the_wait() {
    let mut world = open().await;
    let waiting = begin(&world, &patient(1, LONG_MS)).await;
    put(&mut world, OTHER, 1).await;
    let response = answer(waiting).await;
    assert_eq!(of(&response, OTHER).high_watermark, 1);
    assert_eq!(bytes(&response, OTHER), batch(1).len());
    assert_eq!(bytes(&response, TOPIC), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_bytes_do_not_end_it_and_all_partitions_count() {
    let mut world = open().await;
    let enough = 2 * batch(1).len();
    let mut waiting = begin(&world, &patient(enough as i32, LONG_MS)).await;
    put(&mut world, TOPIC, 1).await;
    assert!(waiting.waits().await, "half of min.bytes is there");
    put(&mut world, OTHER, 1).await;
    let response = answer(waiting).await;
    assert_eq!(bytes(&response, TOPIC) + bytes(&response, OTHER), enough);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_it_with_what_there_is() {
    let mut world = open().await;
    put(&mut world, TOPIC, 1).await;
    let response = answer(begin(&world, &patient(1 << 20, 10)).await).await;
    assert_eq!(code(&response, TOPIC), ErrorCode::None);
    assert_eq!(bytes(&response, TOPIC), batch(1).len());
    assert_eq!(bytes(&response, OTHER), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gains_nothing_does_not_wait() {
    let mut world = open().await;
    let mut out_of_range = patient(1, LONG_MS);
    out_of_range.topics[1].partitions[0].fetch_offset = 5;
    let mut missing = patient(1, LONG_MS);
    missing.topics[1].topic = "missing".into();
    for (case, request) in [
        ("no bytes are asked for", patient(0, LONG_MS)),
        ("no time is allowed", patient(1, 0)),
        ("an offset is out of range", out_of_range),
        ("a topic is not there", missing),
    ] {
        // Without a place to wait it would panic or hang.
        let response = ask(&mut world, VERSION, &request).await;
        assert_eq!(code(&response, TOPIC), ErrorCode::None, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deletion_of_a_topic_ends_it() {
    let mut world = open().await;
    let waiting = begin(&world, &patient(1, LONG_MS)).await;
    let request = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some(OTHER.into()),
            ..DeleteTopicState::default()
        }],
        timeout_ms: LONG_MS,
        ..DeleteTopicsRequest::default()
    };
    let deleted = ask(&mut world, 6, &request).await;
    assert_eq!(deleted.responses[0].error_code, 0);
    let response = answer(waiting).await;
    assert_eq!(code(&response, OTHER), ErrorCode::UnknownTopicOrPartition);
    assert_eq!(code(&response, TOPIC), ErrorCode::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_leader_ends_it() {
    let world = open().await;
    let waiting = begin(&world, &patient(1, LONG_MS)).await;
    let change = PartitionChangeRecord {
        partition_id: 0,
        topic_id: world.topic_id(TOPIC),
        leader: NO_LEADER,
        ..PartitionChangeRecord::default()
    };
    let decided = world.context.controller.decide(|_, _| Decision {
        records: vec![change.into()],
        response: (),
    });
    decided.await.expect("a decision");
    let response = answer(waiting).await;
    assert_eq!(code(&response, TOPIC), ErrorCode::NotLeaderOrFollower);
    assert_eq!(code(&response, OTHER), ErrorCode::None);
}

/// No other broker is in sync with this one, in whatever rack the consumer may be.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_in_another_rack_is_served_here_and_a_replica_is_not() {
    let mut world = open().await;
    put(&mut world, TOPIC, 1).await;
    let elsewhere = FetchRequest {
        rack_id: "elsewhere".into(),
        ..patient(1, LONG_MS)
    };
    let response = ask(&mut world, VERSION, &elsewhere).await;
    assert_eq!(of(&response, TOPIC).preferred_read_replica, -1);
    assert_eq!(bytes(&response, TOPIC), batch(1).len());
    let replica = FetchRequest {
        replica_id: 2,
        ..patient(1, LONG_MS)
    };
    let response = ask(&mut world, VERSION, &replica).await;
    let refused = ErrorCode::from_code(response.error_code);
    assert_eq!(refused, ErrorCode::NotLeaderOrFollower);
}
