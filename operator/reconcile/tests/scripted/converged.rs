//! Converged means silent: nothing changes, nothing is written, and hardly anything is asked.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::things::{cluster, topic};
use crate::world::World;

/// Clusters of every make, each with topics of every make.
fn populate(world: &World) {
    let listeners = json!([
        {"name": "plain", "port": 9092, "type": "internal"},
        {"name": "within", "port": 9093, "type": "clusterIP"},
        {"name": "nodes", "port": 9094, "type": "nodePort"},
        {"name": "balanced", "port": 9095, "type": "loadBalancer"},
    ]);
    let makes = [
        ("plain", json!({})),
        (
            "configured",
            json!({"config": {"log.retention.ms": 1000, "num.partitions": 3}}),
        ),
        ("listening", json!({"listeners": listeners})),
        ("paused", json!({"paused": true})),
        ("wrong", json!({"nodePools": []})),
        (
            "growing",
            json!({"nodePools": [{"name": "all", "replicas": 1,
            "storage": {"ephemeral": {"sizeLimit": "1Gi"}}}]}),
        ),
    ];
    for (name, spec) in makes {
        world.add(cluster("shop", name, spec));
        let topics = [
            ("bare", json!({})),
            (
                "full",
                json!({"partitions": 3, "replicas": 1, "retention": {"time": "1d"},
                "cleanupPolicy": ["compact"], "config": {"max.message.bytes": 2048}}),
            ),
            ("unmanaged", json!({"managed": false})),
            ("retained", json!({"deletionPolicy": "Retain"})),
        ];
        for (topic_name, spec) in topics {
            world.add(topic("shop", name, &format!("{name}-{topic_name}"), spec));
        }
    }
    world.add(topic("shop", "nowhere", "lost", json!({})));
    world.add(topic(
        "shop",
        "plain",
        "twice",
        json!({"topicName": "plain-full"}),
    ));
}

#[tokio::test(start_paused = true)]
async fn what_has_converged_is_left_in_peace() {
    let mut world = World::with_operator();
    populate(&world);
    world.settle().await;
    assert_eq!(world.ready("KafkaCluster", "shop", "listening").0, "True");
    assert_eq!(world.ready("KafkaTopic", "shop", "plain-full").0, "True");
    assert_eq!(
        world.ready("KafkaTopic", "shop", "twice"),
        ("False".to_owned(), "NameConflict".to_owned())
    );
    let (before, _) = (world.plug.writes(), world.plug.take_reads());
    sleep(Duration::from_secs(600)).await;
    let writes = world.plug.writes();
    assert_eq!(&writes[before.len()..], Vec::<String>::new());
    let reads = world.plug.take_reads();
    println!("{reads:#?}");
    let lists = reads
        .keys()
        .filter(|what| what.starts_with("List") || what.starts_with("Get"));
    assert_eq!(lists.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_starts_anew_writes_nothing() {
    let mut world = World::with_operator();
    populate(&world);
    world.settle().await;
    world.kill();
    let before = world.plug.writes();
    world.plug.take_reads();
    world.start();
    sleep(Duration::from_secs(600)).await;
    let writes = world.plug.writes();
    assert_eq!(&writes[before.len()..], Vec::<String>::new());
    println!("{:#?}", world.plug.take_reads());
}

#[tokio::test(start_paused = true)]
async fn watches_that_end_or_forget_cause_no_writes() {
    let mut world = World::with_operator();
    populate(&world);
    world.settle().await;
    let before = world.plug.writes();
    for _ in 0..5 {
        world.api.drop_watches();
        sleep(Duration::from_secs(30)).await;
        world.api.forget_history();
        sleep(Duration::from_secs(30)).await;
    }
    let writes = world.plug.writes();
    assert_eq!(&writes[before.len()..], Vec::<String>::new());
}
