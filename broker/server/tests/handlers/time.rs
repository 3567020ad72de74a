//! A clock that is set while the broker runs.

use millrace_records::Batches;
use millrace_types::Uuid;
use millrace_wire::Records;
use millrace_wire::messages::fetch_request::FetchRequest;
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use crate::requests::{ask, create, fetch, topic};
use crate::world::{NOW, World};

const GROUP: &str = "group";
const TOPIC: &str = "events";
const DAY_MS: i64 = 86_400_000;

async fn commit(world: &mut World, offset: i64) {
    let request = OffsetCommitRequest {
        group_id: GROUP.into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: TOPIC.into(),
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: offset,
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    let response = ask(world, 8, &request).await;
    assert_eq!(response.topics[0].partitions[0].error_code, 0);
}

/// When the batches of the offsets topic were written, by their own account.
async fn written(world: &mut World) -> Vec<i64> {
    let request: FetchRequest = fetch("__consumer_offsets", Uuid::ZERO, 12, 0);
    let response = ask(world, 12, &request).await;
    let Records::Bytes(bytes) = &response.responses[0].partitions[0].records else {
        panic!("no records");
    };
    let batches = Batches::new(bytes).map(|batch| batch.unwrap().header().max_timestamp);
    batches.collect()
}

/// A bug once: groups went by the clock as it was when their shard was loaded.
#[tokio::test(flavor = "multi_thread")]
async fn groups_see_that_the_clock_was_set() {
    let mut world = World::start().await;
    ask(&mut world, 5, &create(vec![topic(TOPIC, &[])])).await;
    ask(&mut world, 0, &FindCoordinatorRequest::default()).await;
    commit(&mut world, 1).await;
    world.clock.step(DAY_MS);
    commit(&mut world, 2).await;
    world.clock.step(-2 * DAY_MS);
    world.clock.advance(1);
    commit(&mut world, 3).await;
    let expected = [NOW, NOW + DAY_MS, NOW - DAY_MS + 1];
    assert_eq!(written(&mut world).await, expected);
}
