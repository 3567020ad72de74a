//! What producers and consumers are told when something is not as it should be. The cases are
//! named after what a client did.

use bytes::Bytes;
use millrace_records::{BatchBuilder, Compression, NewRecord};
use millrace_types::Uuid;
use millrace_wire::Records;
use millrace_wire::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use millrace_wire::messages::fetch_request::{FetchRequest, ForgottenTopic};
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::messages::init_producer_id_request::InitProducerIdRequest;
use millrace_wire::messages::list_offsets_request::ListOffsetsRequest;
use millrace_wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use millrace_wire::messages::produce_request::ProduceRequest;

use crate::book::{Book, CLIENT, encoded};
use crate::requests::{batch, builder, create, fetch, list_offsets, produce, topic};
use crate::world::NOW;

const TOPIC: &str = "events";
const UNKNOWN_ID: Uuid = Uuid(*b"nobody's id here");

/// Where fields of a batch's header lie.
const MAGIC: usize = 16;
const CHECKSUM: usize = 17;

async fn open() -> Book {
    let mut book = Book::open().await;
    let topics = vec![
        topic(TOPIC, &[]),
        topic("keyed", &[("cleanup.policy", "compact")]),
        topic("small", &[("max.message.bytes", "100")]),
    ];
    book.world.send(encoded(&create(topics), 5, CLIENT)).await;
    // Which makes the coordinators' topic.
    let find = FindCoordinatorRequest::default();
    book.world.send(encoded(&find, 0, CLIENT)).await;
    book
}

fn to(topic: &str, records: impl Into<Records>) -> ProduceRequest {
    produce(topic, Uuid::ZERO, 9, records)
}

fn with_byte_changed(at: usize) -> Bytes {
    let mut bytes = batch(1).to_vec();
    bytes[at] ^= 1;
    bytes.into()
}

fn keyless() -> Bytes {
    let mut builder = builder(1);
    let record = NewRecord {
        timestamp: NOW,
        value: Some(b"value"),
        ..NewRecord::default()
    };
    builder.push(&record).unwrap();
    builder.build().unwrap().into()
}

fn of_producer(epoch: i16, sequence: i32) -> Bytes {
    let builder = builder(2).producer(7, epoch, sequence);
    builder.build().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn producers_are_told_what_is_wrong() {
    let mut book = open().await;
    let compressed = builder(1).compression(Compression::Zstd).build().unwrap();
    let twice = [batch(1), batch(1)].concat();
    let control = BatchBuilder::clone(&builder(1)).control().build().unwrap();
    let cases: [(&str, i16, ProduceRequest); 15] = [
        ("a topic that is not there", 9, to("missing", batch(1))),
        (
            "one of the fleet's own topics",
            9,
            to("__consumer_offsets", batch(1)),
        ),
        (
            "a magic number of long ago",
            9,
            to(TOPIC, with_byte_changed(MAGIC)),
        ),
        (
            "a checksum that does not fit",
            9,
            to(TOPIC, with_byte_changed(CHECKSUM)),
        ),
        (
            "two batches for one partition",
            9,
            to(TOPIC, Bytes::from(twice)),
        ),
        ("a control batch", 9, to(TOPIC, Bytes::from(control))),
        ("no records", 9, to(TOPIC, Bytes::new())),
        ("null records", 9, to(TOPIC, Records::Null)),
        (
            "zstd before there was any",
            6,
            to(TOPIC, Bytes::from(compressed)),
        ),
        (
            "a record without a key for a compacted topic",
            9,
            to("keyed", keyless()),
        ),
        (
            "a batch larger than the topic takes",
            9,
            to("small", batch(9)),
        ),
        (
            "a producer id: its first batch",
            9,
            to(TOPIC, of_producer(1, 0)),
        ),
        (
            "a producer id: the same batch again",
            9,
            to(TOPIC, of_producer(1, 0)),
        ),
        (
            "a producer id: a batch is missing",
            9,
            to(TOPIC, of_producer(1, 9)),
        ),
        (
            "a producer id: an older epoch",
            9,
            to(TOPIC, of_producer(0, 2)),
        ),
    ];
    for (case, version, request) in cases {
        book.ask(case, version, &request).await;
    }
    let by_unknown_id = produce(TOPIC, UNKNOWN_ID, 13, batch(1));
    book.ask("an id of no topic", 13, &by_unknown_id).await;
    for (case, acks) in [("acks of 5", 5), ("no acknowledgement", 0)] {
        let request = ProduceRequest {
            acks,
            ..to(TOPIC, batch(1))
        };
        book.ask(case, 9, &request).await;
    }
    let lost = ProduceRequest {
        acks: 0,
        ..to("missing", batch(1))
    };
    book.ask(
        "no acknowledgement, and a topic that is not there",
        9,
        &lost,
    )
    .await;
    let fresh = InitProducerIdRequest {
        transactional_id: None,
        ..InitProducerIdRequest::default()
    };
    book.ask("a producer id, please", 4, &fresh).await;
    book.close("producing");
}

fn from(offset: i64) -> FetchRequest {
    fetch(TOPIC, Uuid::ZERO, 12, offset)
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_are_told_where_they_are() {
    let mut book = open().await;
    for _ in 0..3 {
        let request = to(TOPIC, batch(2));
        book.world.send(encoded(&request, 9, CLIENT)).await;
    }
    for (case, offset) in [
        ("the beginning", 0),
        ("inside a batch", 3),
        ("the end", 6),
        ("behind the end", 7),
    ] {
        book.ask(case, 12, &from(offset)).await;
    }
    let mut little = from(0);
    little.topics[0].partitions[0].partition_max_bytes = 1;
    book.ask("one byte of a partition", 12, &little).await;
    let nothing = FetchRequest {
        max_bytes: 1,
        ..from(0)
    };
    book.ask("one byte of everything", 12, &nothing).await;
    let mut ahead = from(0);
    ahead.topics[0].partitions[0].current_leader_epoch = 9;
    book.ask("a leader epoch to come", 12, &ahead).await;
    let mut foreign = from(6);
    foreign.topics[0].partitions[0].last_fetched_epoch = 9;
    book.ask("a history that is not ours", 12, &foreign).await;
    let replica = FetchRequest {
        replica_id: 2,
        ..from(0)
    };
    book.ask("as a replica", 12, &replica).await;
    let by_unknown_id = fetch(TOPIC, UNKNOWN_ID, 13, 0);
    book.ask("an id of no topic", 13, &by_unknown_id).await;
    sessions(&mut book).await;
    below_the_start(&mut book).await;
    book.close("consuming");
}

async fn sessions(book: &mut Book) {
    let unknown = FetchRequest {
        session_id: 77,
        session_epoch: 1,
        ..FetchRequest::default()
    };
    book.ask("a session that is not there", 12, &unknown).await;
    let first = FetchRequest {
        session_epoch: 0,
        ..from(0)
    };
    let made = book.ask("a new session", 12, &first).await.unwrap();
    let next = |session_epoch| FetchRequest {
        session_id: made.session_id,
        session_epoch,
        max_bytes: 1 << 20,
        ..FetchRequest::default()
    };
    book.ask("a session: what is new", 12, &next(1)).await;
    book.ask("a session: an epoch too far", 12, &next(9)).await;
    let forgetting = FetchRequest {
        forgotten_topics_data: vec![ForgottenTopic {
            topic: TOPIC.into(),
            partitions: vec![0],
            ..ForgottenTopic::default()
        }],
        ..next(2)
    };
    book.ask("a session: without its partition", 12, &forgetting)
        .await;
}

fn delete_to(topic: &str, offset: i64) -> DeleteRecordsRequest {
    DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: topic.into(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: 0,
                offset,
            }],
        }],
        timeout_ms: 1000,
    }
}

async fn below_the_start(book: &mut Book) {
    book.ask(
        "deleting in a topic that is not there",
        2,
        &delete_to("missing", 0),
    )
    .await;
    book.ask("deleting behind the end", 2, &delete_to(TOPIC, 9))
        .await;
    book.ask("deleting some", 2, &delete_to(TOPIC, 2)).await;
    book.ask("below the start", 12, &from(0)).await;
    book.ask("deleting everything", 2, &delete_to(TOPIC, -1))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_found() {
    let mut book = open().await;
    let request = to(TOPIC, batch(2));
    book.world.send(encoded(&request, 9, CLIENT)).await;
    for (case, version, timestamp) in [
        ("the latest", 7, -1),
        ("the earliest", 7, -2),
        ("the one with the largest timestamp", 7, -3),
        ("the local start", 8, -4),
        ("the last in remote storage", 9, -5),
        ("the earliest still to be uploaded", 11, -6),
        ("a kind that nobody knows", 11, -7),
        ("at a time", 7, NOW),
        ("at a time before all", 7, 0),
        ("at a time after all", 7, NOW + 1),
    ] {
        book.ask(case, version, &list_offsets(TOPIC, timestamp))
            .await;
    }
    book.ask(
        "of a topic that is not there",
        7,
        &list_offsets("missing", -1),
    )
    .await;
    let mut twice: ListOffsetsRequest = list_offsets(TOPIC, -1);
    let partition = twice.topics[0].partitions[0].clone();
    twice.topics[0].partitions.push(partition);
    book.ask("of the same partition twice", 7, &twice).await;
    for (case, topic, leader_epoch, current) in [
        ("the end of an epoch", TOPIC, 0, -1),
        ("the end of an epoch to come", TOPIC, 9, -1),
        ("the end of an epoch, for a leader to come", TOPIC, 0, 9),
        ("the end of an epoch where nothing is", "missing", 0, -1),
    ] {
        let request = OffsetForLeaderEpochRequest {
            topics: vec![OffsetForLeaderTopic {
                topic: topic.into(),
                partitions: vec![OffsetForLeaderPartition {
                    partition: 0,
                    current_leader_epoch: current,
                    leader_epoch,
                }],
            }],
            ..OffsetForLeaderEpochRequest::default()
        };
        book.ask(case, 4, &request).await;
    }
    book.close("offsets");
}
