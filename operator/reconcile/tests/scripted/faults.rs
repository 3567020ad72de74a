//! Faults by seed, then none: everything must come to what it comes to without them.

use std::time::Duration;

use millrace_local::faults::Faults;
use serde_json::json;
use tokio::time::sleep;

use crate::alone;
use crate::things::{cluster, topic};
use crate::world::{World, differences};

const SEEDS: u64 = 12;
/// How long each part of the trouble lasts.
const TROUBLE: Duration = Duration::from_secs(240);

/// A while with trouble of a seed, the more the higher; without any for seed 0.
async fn live(seed: u64) -> World {
    let mut world = World::with_operator();
    world
        .plug
        .trouble((seed > 0).then(|| Faults::new(seed, 5 * seed)));
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

#[test]
fn what_was_in_trouble_comes_to_the_same_once_it_is_over() {
    let seeds: Vec<u64> = (0..=SEEDS).collect();
    let pictures = alone::each(&seeds, async |seed: &u64| live(*seed).await.picture());
    let mut wrong = Vec::new();
    for (seed, picture) in seeds.iter().zip(&pictures).skip(1) {
        let differences = differences(picture, &pictures[0]);
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

#[test]
fn one_seed_is_one_run_to_the_last_call() {
    let calls = async |seed: &u64| live(*seed).await.plug.calls();
    let runs = alone::each(&[6, 6, 11], calls);
    let [one, again, other] = runs.as_slice() else {
        panic!("three runs");
    };
    assert!(one.len() > 500, "{one:#?}");
    let pairs = one.iter().zip(again);
    let first = pairs.enumerate().find(|(_, (one, again))| one != again);
    assert_eq!(first, None, "the first call that differs");
    assert_eq!(one.len(), again.len());
    assert_ne!(one, other);
}
