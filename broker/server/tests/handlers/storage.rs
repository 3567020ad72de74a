//! What clients are told when the disk refuses: to make a log, to write, to flush.

use millrace_log::disk::Fault;
use millrace_records::Batches;
use millrace_types::{ErrorCode, Uuid};
use millrace_wire::Records;
use millrace_wire::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};

use crate::requests::{ask, batch, create, fetch, list_offsets, produce, topic};
use crate::world::World;

const TOPIC: &str = "events";

/// What became of one more batch: its offset, or why it has none.
async fn put(world: &mut World) -> Result<i64, ErrorCode> {
    let request = produce(TOPIC, Uuid::ZERO, 9, batch(1));
    let answer = ask(world, 9, &request).await;
    let told = &answer.responses[0].partition_responses[0];
    match ErrorCode::from_code(told.error_code) {
        ErrorCode::None => Ok(told.base_offset),
        code => Err(code),
    }
}

/// The offsets of the batches that a consumer reads.
async fn readable(world: &mut World) -> Vec<i64> {
    let answer = ask(world, 12, &fetch(TOPIC, Uuid::ZERO, 12, 0)).await;
    let told = &answer.responses[0].partitions[0];
    assert_eq!(told.error_code, 0);
    let Records::Bytes(bytes) = &told.records else {
        panic!("no records");
    };
    let batches = Batches::new(bytes).map(|batch| batch.unwrap().header().base_offset);
    batches.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_is_told_and_leaves_nothing_behind() {
    for fault in [Fault::Io, Fault::NoSpace] {
        let mut world = World::start().await;
        ask(&mut world, 5, &create(vec![topic(TOPIC, &[])])).await;
        assert_eq!(put(&mut world).await, Ok(0));
        world.disk.fail_after(0, fault);
        assert_eq!(put(&mut world).await, Err(ErrorCode::KafkaStorageError));
        assert_eq!(readable(&mut world).await, [0], "reads go on");
        world.disk.heal();
        assert_eq!(put(&mut world).await, Ok(1), "{fault:?}");
        assert_eq!(readable(&mut world).await, [0, 1]);
    }
}

/// Whether the disk has what it failed to flush, nobody knows: from then on it takes nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_fails_ends_writing_and_not_reading() {
    let mut world = World::start().await;
    let flushed = topic(TOPIC, &[("flush.messages", "1")]);
    ask(&mut world, 5, &create(vec![flushed])).await;
    assert_eq!(put(&mut world).await, Ok(0));
    let write = 1;
    world.disk.fail_after(write, Fault::Io);
    assert_eq!(put(&mut world).await, Err(ErrorCode::KafkaStorageError));
    world.disk.heal();
    assert_eq!(put(&mut world).await, Err(ErrorCode::KafkaStorageError));
    assert_eq!(readable(&mut world).await[0], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_without_its_log_is_told_from_one_that_does_not_exist() {
    let mut world = World::start().await;
    world.disk.fail_after(0, Fault::NoSpace);
    ask(&mut world, 5, &create(vec![topic(TOPIC, &[])])).await;
    let id = world.topic_id(TOPIC);
    for (index, expected) in [
        (0, ErrorCode::KafkaStorageError),
        (1, ErrorCode::UnknownTopicOrPartition),
    ] {
        for version in [9, 13] {
            let mut request = produce(TOPIC, id, version, batch(1));
            request.topic_data[0].partition_data[0].index = index;
            let response = ask(&mut world, version, &request).await;
            let told = response.responses[0].partition_responses[0].error_code;
            assert_eq!(ErrorCode::from_code(told), expected, "produce {version}");
        }
        let mut request = fetch(TOPIC, Uuid::ZERO, 12, 0);
        request.topics[0].partitions[0].partition = index;
        let response = ask(&mut world, 12, &request).await;
        let told = response.responses[0].partitions[0].error_code;
        assert_eq!(ErrorCode::from_code(told), expected, "fetch");
        let mut request = list_offsets(TOPIC, -1);
        request.topics[0].partitions[0].partition_index = index;
        let response = ask(&mut world, 7, &request).await;
        let told = response.topics[0].partitions[0].error_code;
        assert_eq!(ErrorCode::from_code(told), expected, "list offsets");
        let request = DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: TOPIC.into(),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: index,
                    offset: 0,
                }],
            }],
            timeout_ms: 1000,
        };
        let response = ask(&mut world, 2, &request).await;
        let told = response.topics[0].partitions[0].error_code;
        assert_eq!(ErrorCode::from_code(told), expected, "delete records");
    }
}
