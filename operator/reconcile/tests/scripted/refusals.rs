//! What must never happen: a broken object in others' way, a foreign object overwritten, a topic in a
//! cluster that did not allow it, a side effect before the finalizer, a resource held for nothing.

use serde_json::json;

use crate::things::{cluster, topic};
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn a_broken_object_stops_no_other() {
    let mut world = World::with_operator();
    world.add(cluster("shop", "undecodable", json!({"nodePools": 7})));
    world.add(cluster(
        "shop",
        "invalid",
        json!({"listeners": [{"name": "a", "port": 9091, "type": "internal"}]}),
    ));
    world.add(topic(
        "shop",
        "main",
        "undecodable",
        json!({"partitions": "many"}),
    ));
    world.add(topic("shop", "main", "invalid", json!({"partitions": -1})));
    world.add(cluster("shop", "main", json!({})));
    world.add(topic("shop", "main", "orders", json!({})));
    world.settle().await;
    assert_eq!(world.ready("KafkaCluster", "shop", "main").0, "True");
    assert_eq!(world.ready("KafkaTopic", "shop", "orders").0, "True");
    let invalid = ("False".to_owned(), "InvalidSpec".to_owned());
    assert_eq!(world.ready("KafkaCluster", "shop", "invalid"), invalid);
}

#[tokio::test(start_paused = true)]
async fn foreign_objects_of_our_names_stay_as_they_are() {
    let mut world = World::with_operator();
    let foreign = [
        ("ConfigMap", "main-config"),
        ("ServiceAccount", "main-broker"),
    ];
    for (kind, name) in foreign {
        world.add(
            json!({"apiVersion": "v1", "kind": kind, "data": {"mine": "1"},
            "metadata": {"namespace": "shop", "name": name}}),
        );
    }
    let before = foreign.map(|(kind, name)| world.api.object(kind, "shop", name));
    world.add(cluster("shop", "main", json!({})));
    world.settle().await;
    let after = foreign.map(|(kind, name)| world.api.object(kind, "shop", name));
    assert_eq!(before, after);
    let taken = ("False".to_owned(), "NameTaken".to_owned());
    assert_eq!(world.ready("KafkaCluster", "shop", "main"), taken);
    let is_there = |kind: &str, name: &str| world.api.object(kind, "shop", name).is_some();
    assert!(is_there("Service", "main-brokers"));
    // Its pods would read somebody else's file.
    assert!(!is_there("StatefulSet", "main-all"));
    world.api.delete("KafkaCluster", "shop", "main").unwrap();
    world.settle().await;
    let after = foreign.map(|(kind, name)| world.api.object(kind, "shop", name));
    assert_eq!(before, after);
}

#[tokio::test(start_paused = true)]
async fn a_topic_never_reaches_a_cluster_that_does_not_allow_its_namespace() {
    let mut world = World::with_operator();
    world.add(cluster("shop", "main", json!({})));
    let mut stranger = topic("elsewhere", "main", "stranger", json!({}));
    stranger["spec"]["clusterRef"]["namespace"] = "shop".into();
    world.add(stranger);
    world.settle().await;
    let kafka = world.brokers.kafka("shop/main");
    let asked = kafka.take_asked();
    assert!(
        asked.iter().all(|asked| asked.names.is_empty()),
        "{asked:?}"
    );
    let refused = ("False".to_owned(), "NamespaceNotAllowed".to_owned());
    assert_eq!(world.ready("KafkaTopic", "elsewhere", "stranger"), refused);
    world
        .api
        .delete("KafkaTopic", "elsewhere", "stranger")
        .unwrap();
    assert_eq!(
        world.api.object("KafkaTopic", "elsewhere", "stranger"),
        None
    );
}

#[tokio::test(start_paused = true)]
async fn the_finalizer_comes_before_the_topic_and_goes_with_the_cluster() {
    let mut world = World::with_operator();
    world.add(cluster("shop", "main", json!({})));
    world.add(topic("shop", "main", "orders", json!({})));
    world.settle().await;
    let writes = world.plug.writes();
    let at = |what: &str| {
        writes
            .iter()
            .position(|write| write.starts_with(what))
            .unwrap()
    };
    assert!(
        at("Patch KafkaTopic shop/orders") < at("CreateTopics"),
        "{writes:#?}"
    );
    let orders = world.api.object("KafkaTopic", "shop", "orders").unwrap();
    assert_eq!(
        orders["metadata"]["finalizers"].as_array().unwrap().len(),
        1
    );
    world.api.delete("KafkaCluster", "shop", "main").unwrap();
    world.settle().await;
    let orders = world.api.object("KafkaTopic", "shop", "orders").unwrap();
    assert_eq!(orders["metadata"].get("finalizers"), None);
}
