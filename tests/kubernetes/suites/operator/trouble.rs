//! What is wrong is told where it is wrong, touches nobody else, and ends when its cause does.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::specs::{pool, scratch, topic};
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
            // The rest goes on; but pods that would read a file of somebody else are not made.
            let makes_pods = stage.find("statefulset", "fleet-all")?.is_some();
            assert_eq!(makes_pods, kind != "configmap");
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

/// A pool that nobody can bring about, how its cluster stands, and what is told: the cause, and where there is a way
/// out, that.
type Hopeless = (&'static str, fn() -> Value, &'static str, [&'static str; 2]);

const HOPELESS: &[Hopeless] = &[
    (
        "unsafe",
        || json!({"template": {"securityContext": {"runAsUser": 0}}}),
        "PodRefused",
        ["violates PodSecurity", "template.securityContext"],
    ),
    (
        "greedy",
        || json!({"resources": {"requests": {"cpu": "50m", "memory": "2Gi"}}}),
        "PodRefused",
        ["exceeded quota: small", "ResourceQuota"],
    ),
    (
        "homeless",
        || json!({"template": {"nodeSelector": {"example.com/disk": "golden"}}}),
        "PodsNotReady",
        ["no node takes it", "affinity/selector"],
    ),
];

/// The cluster's own words are enough to mend it: nobody has to look for events.
#[test]
fn what_keeps_a_pod_from_being_is_told() -> Result<()> {
    stage("hopeless", |stage| {
        stage.apply(&json!({
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"},
            "spec": {"hard": {"requests.memory": "1Gi"}},
        }))?;
        for (name, change, ..) in HOPELESS {
            stage.apply(&scratch(name, pools(&change())))?;
        }
        for (name, _, reason, words) in HOPELESS {
            stage.wait(&format!("{name} to tell what is wrong"), || {
                let told = stage.get("kafkacluster", name)?;
                let ready = condition(&told, "Ready");
                let message = ready["message"].as_str().unwrap_or_default();
                let all = words.iter().all(|word| message.contains(word));
                ensure!(ready["reason"] == *reason && all, "{ready}");
                Ok(Some(()))
            })?;
        }
        for (name, ..) in HOPELESS {
            stage.patch_spec("kafkacluster", name, &pools(&json!({})))?;
        }
        let mut names = HOPELESS.iter().map(|(name, ..)| name);
        names.try_for_each(|name| stage.ready("kafkacluster", name).map(drop))
    })
}

/// The usual pool with something else in it.
fn pools(change: &Value) -> Value {
    let mut pool = pool(json!({"ephemeral": {}}));
    for (field, value) in change.as_object().into_iter().flatten() {
        pool[field] = value.clone();
    }
    json!({"nodePools": [pool]})
}
