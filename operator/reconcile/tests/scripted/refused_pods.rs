//! Pods that Kubernetes does not create: what refuses them is told, and it costs nothing while none is.

use std::time::Duration;

use millrace_local::{Fate, Verb};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::things::cluster;
use crate::world::World;

const SET: &str = "main-all";
const POD: &str = "main-all-0";

/// The name of the pod belongs to somebody else for now, so nobody can create it.
fn refuse(world: &World) {
    world.add(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": POD}}),
    );
}

fn allow(world: &World) {
    world.api.finish("Pod", "shop", POD).unwrap();
}

/// The set's controller says so, as on a real Kubernetes.
fn tell(world: &World, name: &str, at: &str, words: &str) {
    let set = world.api.object("StatefulSet", "shop", SET).unwrap();
    let note = format!("create Pod {POD} in StatefulSet {SET} failed error: {words}");
    world.add(json!({"apiVersion": "events.k8s.io/v1", "kind": "Event",
        "metadata": {"namespace": "shop", "name": name}, "type": "Warning", "reason": "FailedCreate",
        "note": note, "deprecatedLastTimestamp": at, "deprecatedSource": {"component": "statefulset-controller"},
        "regarding": {"kind": "StatefulSet", "namespace": "shop", "name": SET, "uid": set["metadata"]["uid"]}}));
}

fn condition(world: &World) -> (String, String) {
    let (_, reason) = world.ready("KafkaCluster", "shop", "main");
    (reason, world.message("KafkaCluster", "shop", "main"))
}

/// Longer than events of a set are remembered.
async fn later() {
    sleep(Duration::from_secs(10)).await;
}

#[tokio::test(start_paused = true)]
async fn what_refuses_a_pod_is_told_with_what_to_do() {
    let mut world = World::with_operator();
    refuse(&world);
    world.add(cluster("shop", "main", json!({})));
    later().await;
    assert_eq!(condition(&world).0, "PodsNotReady");
    for (name, at, words, advice) in [
        (
            "first",
            "2027-01-01T00:00:00Z",
            r#"pods "main-all-0" is forbidden: exceeded quota: small"#,
            "ResourceQuota",
        ),
        (
            "second",
            "2027-01-01T00:00:01Z",
            r#"pods "main-all-0" is forbidden: violates PodSecurity "restricted:latest""#,
            "template.securityContext",
        ),
    ] {
        tell(&world, name, at, words);
        later().await;
        let (reason, message) = condition(&world);
        assert_eq!(reason, "PodRefused");
        assert!(
            message.contains(words) && message.contains(advice),
            "{message}"
        );
    }
    allow(&world);
    world.settle().await;
    assert_eq!(condition(&world), ("AsSpecified".to_owned(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn events_that_may_not_be_read_stop_nothing() {
    let mut world = World::new();
    let plug = world.plug.clone();
    world
        .api
        .script(move |asked| match (asked.kind, asked.verb) {
            ("Event", Verb::List) => Fate::Failed(403),
            _ => plug.of_kubernetes(asked),
        });
    world.start();
    refuse(&world);
    world.add(cluster("shop", "main", json!({})));
    later().await;
    let waits = format!("not ready: {POD} (Missing)");
    assert_eq!(condition(&world), ("PodsNotReady".to_owned(), waits));
    allow(&world);
    world.settle().await;
    assert_eq!(condition(&world).0, "AsSpecified");
}

/// Old events of a set are about pods that are long there.
#[tokio::test(start_paused = true)]
async fn nobody_asks_for_events_while_pods_are_made() {
    let mut world = World::with_operator();
    world.add(cluster("shop", "main", json!({})));
    world.settle().await;
    tell(&world, "old", "2027-01-01T00:00:00Z", "no");
    world.edit("KafkaCluster", "shop", "main", |cluster: &mut Value| {
        cluster["spec"]["config"] = json!({"num.partitions": 4});
    });
    world.settle().await;
    assert_eq!(condition(&world).0, "AsSpecified");
    let restarts = world.plug.writes();
    assert!(restarts.iter().any(|write| write.starts_with("Delete Pod")));
    assert_eq!(world.plug.take_reads().get("List Event"), None);
}
