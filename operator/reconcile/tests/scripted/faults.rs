//! Faults by seed, then none: everything must come to what it comes to without them.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::plug::Trouble;
use crate::things::{cluster, topic};
use crate::world::{World, differences};

const SEEDS: u64 = 12;
/// How long each part of the trouble lasts.
const TROUBLE: Duration = Duration::from_secs(240);

async fn live(trouble: Option<Trouble>) -> World {
    let mut world = World::with_operator();
    let seed = trouble.as_ref().map_or(0, |trouble| trouble.seed);
    world.plug.trouble(trouble);
    world.api.lag(Duration::from_millis(seed % 5 * 200));
    world.add(cluster(
        "shop",
        "main",
        json!({"config": {"log.retention.ms": 60_000}}),
    ));
    for name in ["orders", "returns", "passing"] {
        world.add(topic("shop", "main", name, json!({"partitions": 2})));
    }
    sleep(TROUBLE).await;
    world.api.drop_watches();
    world.edit("KafkaTopic", "shop", "orders", |topic| {
        topic["spec"]["partitions"] = 5.into();
    });
    world.edit("KafkaCluster", "shop", "main", |cluster| {
        cluster["spec"]["config"]["num.partitions"] = 3.into();
    });
    world.api.delete("KafkaTopic", "shop", "passing").unwrap();
    sleep(TROUBLE).await;
    world.api.forget_history();
    world.edit("KafkaTopic", "shop", "returns", |topic| {
        topic["spec"]["retention"] = json!({"time": "2d"});
    });
    sleep(TROUBLE).await;
    world.plug.trouble(None);
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn what_was_in_trouble_comes_to_the_same_once_it_is_over() {
    let expected = live(None).await.picture();
    let mut wrong = Vec::new();
    for seed in 1..=SEEDS {
        let percent = 5 * seed;
        let world = live(Some(Trouble { seed, percent })).await;
        let differences = differences(&world.picture(), &expected);
        if !differences.is_empty() {
            wrong.push(format!("seed {seed}: {}", differences.join("\n")));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {SEEDS}:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
