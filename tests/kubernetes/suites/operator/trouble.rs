//! What is wrong is told where it is wrong, touches nobody else, and ends when its cause does.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::specs::{scratch, topic};
use crate::stage::{condition, stage};
use crate::traffic::{PARTITIONS, Traffic};

/// Kinds whose objects are ours, by what the cluster `fleet` calls one of them.
const TAKEN: &[(&str, &str)] = &[
    ("configmap", "fleet-config"),
    ("service", "fleet-plain-bootstrap"),
];

fn foreign(kind: &str, name: &str) -> Value {
    let about = json!({"name": name, "labels": {"owner": "somebody"}});
    match kind {
        "service" => json!({
            "apiVersion": "v1", "kind": "Service", "metadata": about,
            "spec": {"ports": [{"port": 80}], "selector": {"app": "theirs"}},
        }),
        _ => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": about,
            "data": {"theirs": "yes"},
        }),
    }
}

#[test]
fn objects_of_others_are_never_overwritten() -> Result<()> {
    for &(kind, name) in TAKEN {
        stage(&format!("taken-{kind}"), |stage| {
            stage.apply(&foreign(kind, name))?;
            let before = stage.get(kind, name)?;
            stage.apply(&scratch("fleet", json!({})))?;
            let told = stage.wait_reason("kafkacluster", "fleet", "NameTaken")?;
            let message = condition(&told, "Stalled")["message"].to_string();
            ensure!(message.contains(name), "{message}");
            // The rest goes on.
            assert!(stage.find("statefulset", "fleet-all")?.is_some());
            assert!(stage.find("service", "fleet-brokers")?.is_some());
            let after = stage.get(kind, name)?;
            assert_eq!(
                after["metadata"]["resourceVersion"],
                before["metadata"]["resourceVersion"]
            );
            stage.delete(kind, name)?;
            let kafka = stage.kafka("fleet")?;
            stage.apply(&topic(
                "orders",
                "fleet",
                json!({ "partitions": PARTITIONS }),
            ))?;
            stage.ready("kafkatopic", "orders")?;
            Traffic::start(&kafka, "orders")?.end()?;
            let own = stage.get(kind, name)?;
            assert_eq!(own["metadata"]["ownerReferences"][0]["name"], "fleet");
            Ok(())
        })?;
    }
    Ok(())
}

/// What only the broker can judge shows in its pod.
#[test]
fn a_broker_that_cannot_start_stops_nobody_else() -> Result<()> {
    stage("invalid", |stage| {
        let wrong = json!({"config": {"log.retention.ms": "soon"}});
        stage.apply(&scratch("broken", wrong))?;
        stage.apply(&scratch("sound", json!({})))?;
        stage.apply(&topic(
            "orders",
            "sound",
            json!({ "partitions": PARTITIONS }),
        ))?;
        stage.apply(&topic("stray", "nowhere", json!({})))?;
        let kafka = stage.kafka("sound")?;
        stage.ready("kafkatopic", "orders")?;
        let traffic = Traffic::start(&kafka, "orders")?;
        stage.wait_reason("kafkatopic", "stray", "ClusterNotFound")?;
        stage.wait_reason("kafkacluster", "broken", "PodFailing")?;
        stage.patch_spec("kafkacluster", "broken", &json!({"config": null}))?;
        stage.ready("kafkacluster", "broken")?;
        traffic.end()
    })
}
