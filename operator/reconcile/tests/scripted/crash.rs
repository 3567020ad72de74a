//! The operator is cut off after each single write in turn: the write is done, nobody hears of it,
//! and another operator starts on what is stored. Everything must come to the same.

use serde_json::json;

use crate::alone;
use crate::things::{cluster, topic};
use crate::world::{World, differences};

/// One thing that users do.
type Step = fn(&World);

/// A cluster's life with its topics.
const STORY: &[(&str, Step)] = &[
    ("create", |world| {
        let config = json!({"log.retention.ms": 60_000});
        world.add(cluster("shop", "main", json!({"config": config})));
        world.add(topic("shop", "main", "orders", json!({"partitions": 3})));
        let config = json!({"max.message.bytes": 2048, "retention.bytes": 5});
        world.add(topic("shop", "main", "returns", json!({"config": config})));
        world.add(topic(
            "shop",
            "main",
            "kept",
            json!({"deletionPolicy": "Retain"}),
        ));
    }),
    ("edit topics", |world| {
        world.edit("KafkaTopic", "shop", "orders", |topic| {
            topic["spec"]["partitions"] = 6.into();
            topic["spec"]["retention"] = json!({"time": "1d"});
        });
        world.edit("KafkaTopic", "shop", "returns", |topic| {
            topic["spec"]["config"] = json!({"max.message.bytes": 4096});
        });
    }),
    ("change what brokers take live", |world| {
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["config"] =
                json!({"log.retention.ms": 90_000, "message.max.bytes": 5000});
        });
    }),
    ("change what needs a restart", |world| {
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["config"]["num.partitions"] = 4.into();
        });
    }),
    ("take properties away", |world| {
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["config"] = json!({});
        });
    }),
    ("add and remove a listener", |world| {
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["listeners"] = json!([{"name": "plain", "port": 9092, "type": "internal"},
                {"name": "nodes", "port": 9094, "type": "nodePort"}]);
        });
    }),
    ("enlarge the volume", |world| {
        world.add(
            json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": "fast"}, "provisioner": "x", "allowVolumeExpansion": true}),
        );
        world.edit(
            "PersistentVolumeClaim",
            "shop",
            "data-main-all-0",
            |claim| {
                claim["spec"]["storageClassName"] = "fast".into();
            },
        );
        world.edit("KafkaCluster", "shop", "main", |cluster| {
            cluster["spec"]["nodePools"][0]["storage"]["persistent"]["size"] = "20Gi".into();
        });
    }),
    ("drift", |world| {
        world.brokers.kafka("shop/main").with(|state| {
            state.topics.remove("returns");
            let orders = state.topics.get_mut("orders").unwrap();
            orders.partitions.truncate(3);
            orders.configs.insert("retention.ms".into(), "5".into());
        });
        world.api.delete("Service", "shop", "main-brokers").unwrap();
    }),
    ("delete topics", |world| {
        world.api.delete("KafkaTopic", "shop", "orders").unwrap();
        world.api.delete("KafkaTopic", "shop", "kept").unwrap();
    }),
    ("delete the cluster", |world| {
        world.api.delete("KafkaCluster", "shop", "main").unwrap();
    }),
    ("delete what is left", |world| {
        world.api.delete("KafkaTopic", "shop", "returns").unwrap();
    }),
];

type Picture = std::collections::BTreeMap<String, serde_json::Value>;

/// Lives the story; the picture after each step.
async fn live(cut_after: Option<usize>) -> (World, Vec<Picture>) {
    let mut world = World::with_operator();
    if let Some(writes) = cut_after {
        world.plug.cut_after(writes);
    }
    let mut pictures = Vec::new();
    for (_, step) in STORY {
        step(&world);
        world.settle().await;
        pictures.push(world.picture());
    }
    (world, pictures)
}

/// The same as what is kept of it.
async fn lived(cut_after: &Option<usize>) -> (Vec<String>, usize, Vec<Picture>) {
    let (world, pictures) = live(*cut_after).await;
    (world.plug.writes(), world.restarts, pictures)
}

#[test]
fn a_crash_after_any_write_comes_to_the_same() {
    let (writes, _, expected) = alone::each(&[None], lived).remove(0);
    assert!(writes.len() > 40, "{writes:#?}");
    let cuts: Vec<Option<usize>> = (1..=writes.len()).map(Some).collect();
    let lives = alone::each(&cuts, lived);
    let mut wrong = Vec::new();
    for (index, (write, (_, restarts, found))) in writes.iter().zip(&lives).enumerate() {
        let cut_after = index + 1;
        // Another order may take a few writes less.
        if *restarts != 1 && index + 5 < writes.len() {
            wrong.push(format!("{cut_after}: {restarts} restarts"));
        }
        for (((step, _), found), expected) in STORY.iter().zip(found).zip(&expected) {
            let differences = differences(found, expected);
            if !differences.is_empty() {
                let differences = differences.join("\n");
                wrong.push(format!(
                    "after write {cut_after}, {write}, {step}: {differences}"
                ));
                break;
            }
        }
    }
    println!("{} writes: {writes:#?}", writes.len());
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        writes.len(),
        wrong.join("\n\n")
    );
}

#[tokio::test(start_paused = true)]
async fn the_story_ends_well() {
    let (world, pictures) = live(None).await;
    let kafka = |index: usize| &pictures[index]["brokers"]["shop/main"];
    assert_eq!(kafka(0)["topics"]["orders"]["partitions"], 3);
    assert_eq!(kafka(1)["topics"]["orders"]["partitions"], 6);
    assert_eq!(
        kafka(1)["topics"]["orders"]["configs"]["retention.ms"],
        "86400000"
    );
    let returns = &kafka(1)["topics"]["returns"]["configs"];
    assert_eq!(*returns, json!({"max.message.bytes": "4096"}));
    assert_eq!(kafka(2)["live"]["All"]["message.max.bytes"], "5000");
    assert_eq!(kafka(3)["files"]["0"]["num.partitions"], "4");
    assert_eq!(kafka(4)["live"], json!({}));
    assert_eq!(kafka(4)["files"]["0"].get("num.partitions"), None);
    assert_eq!(kafka(7)["topics"]["returns"]["partitions"], 1);
    assert_eq!(kafka(7)["topics"]["orders"], kafka(6)["topics"]["orders"]);
    let drift = |topic: &str| &pictures[7][topic]["status"]["drift"]["reverted"];
    let orders = [
        "partitions: found 3, put back 6",
        "retention.ms: found 5, put back 86400000",
    ];
    assert_eq!(*drift("KafkaTopic \"shop\"/\"orders\""), json!(orders));
    let returns = ["the topic was gone, created it anew"];
    assert_eq!(*drift("KafkaTopic \"shop\"/\"returns\""), json!(returns));
    assert_eq!(kafka(8)["topics"].get("orders"), None);
    assert_eq!(kafka(8)["topics"]["kept"]["partitions"], 1);
    let left: Vec<&String> = pictures[10].keys().collect();
    assert_eq!(
        left,
        [
            "PersistentVolumeClaim \"shop\"/\"data-main-all-0\"",
            "brokers"
        ]
    );
    for (index, (step, _)) in STORY.iter().enumerate().take(9) {
        let cluster = &pictures[index]["KafkaCluster \"shop\"/\"main\""];
        let conditions = cluster["status"]["conditions"].as_array().unwrap();
        assert_eq!(conditions[0]["status"], "True", "{step}: {conditions:#?}");
    }
    let restarts = world.plug.writes();
    let restarts = restarts
        .iter()
        .filter(|write| write.starts_with("Delete Pod"));
    println!("{:#?}", restarts.collect::<Vec<_>>());
}
