//! Brokers and objects that go, under load: what was acknowledged stays, and what is gone comes back.

use anyhow::{Context, Result};
use serde_json::json;

use crate::load::{POD, under_load};
use crate::specs::cluster;
use crate::stage::Stage;

#[test]
fn a_killed_broker_loses_nothing() -> Result<()> {
    under_load(
        "killed-broker",
        &cluster("fleet", json!({})),
        |stage, traffic| {
            for _ in 0..2 {
                let before = restarts(stage)?;
                stage.lab()?.kill_processes(stage.space, POD)?;
                stage.wait("the restart", || {
                    Ok((restarts(stage)? > before).then_some(()))
                })?;
                traffic.flows()?;
            }
            stage.delete("pod", POD)?;
            traffic.flows()?;
            stage.ready("kafkacluster", "fleet").map(drop)
        },
    )
}

fn restarts(stage: &Stage<'_>) -> Result<i64> {
    let pod = stage.get("pod", POD)?;
    let count = &pod["status"]["containerStatuses"][0]["restartCount"];
    count.as_i64().context("a container counts its restarts")
}

#[test]
fn deleted_objects_come_back() -> Result<()> {
    under_load(
        "deleted-objects",
        &cluster("fleet", json!({})),
        |stage, _| {
            let pod = stage.uid("pod", POD)?;
            for (kind, name) in [
                ("service", "fleet-brokers"),
                ("service", "fleet-plain-bootstrap"),
                ("configmap", "fleet-config"),
                ("poddisruptionbudget", "fleet"),
                ("networkpolicy", "fleet-brokers"),
                ("serviceaccount", "fleet-broker"),
            ] {
                let before = stage.uid(kind, name)?;
                stage.delete(kind, name)?;
                comes_back(stage, kind, name, &before)?;
            }
            let before = stage.uid("statefulset", "fleet-all")?;
            stage.kubectl(&["delete", "statefulset", "fleet-all", "--cascade=orphan"])?;
            comes_back(stage, "statefulset", "fleet-all", &before)?;
            stage.ready("kafkacluster", "fleet")?;
            assert_eq!(stage.uid("pod", POD)?, pod);
            // What somebody changed in an object of ours goes back too.
            let theirs = json!({"spec": {"selector": {"millrace.dev/cluster": "theirs"}}});
            stage.patch("service", "fleet-plain-bootstrap", &theirs)?;
            stage.wait("the selector", || {
                let service = stage.get("service", "fleet-plain-bootstrap")?;
                Ok((service["spec"]["selector"]["millrace.dev/cluster"] == "fleet").then_some(()))
            })
        },
    )
}

fn comes_back(stage: &Stage<'_>, kind: &str, name: &str, before: &str) -> Result<()> {
    stage.wait(&format!("another {kind} {name}"), || {
        Ok((stage.uid(kind, name)? != before).then_some(()))
    })
}
