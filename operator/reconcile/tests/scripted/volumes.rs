//! Volumes that fill up, over hours: what the status says of them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::things::cluster;
use crate::world::World;

const GIB: i64 = 1 << 30;

fn volume(world: &World) -> Value {
    let cluster = world.api.object("KafkaCluster", "shop", "main").unwrap();
    cluster["status"]["storage"][0].clone()
}

/// The brokers write so much in each of some hours.
async fn grow(world: &World, hours: u32, each: i64) {
    for _ in 0..6 * hours {
        world.brokers.kafka("shop/main").with(|state| {
            state.disk_bytes_free -= each / 6;
        });
        sleep(Duration::from_secs(600)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_days_until_a_volume_is_full_are_told_and_outlive_the_operator() {
    let mut world = World::with_operator();
    world.brokers.kafka("shop/main").with(|state| {
        state.disk_bytes = 100 * GIB;
        state.disk_bytes_free = 65 * GIB;
    });
    world.add(cluster("shop", "main", json!({})));
    world.settle().await;
    assert_eq!(volume(&world).get("daysLeft"), None);
    // 60 GiB at 1 GiB an hour.
    grow(&world, 5, GIB).await;
    assert_eq!(volume(&world)["daysLeft"], 2, "{}", volume(&world));
    let before = volume(&world);
    world.kill();
    world.start();
    grow(&world, 1, GIB).await;
    assert_eq!(volume(&world)["daysLeft"], 2, "{}", volume(&world));
    grow(&world, 10, 3 * GIB).await;
    assert_eq!(volume(&world)["daysLeft"], 0, "{}", volume(&world));
    assert!(volume(&world)["usedPercent"].as_i64() > before["usedPercent"].as_i64());
}
