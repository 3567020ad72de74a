//! Whatever goes first: a namespace always becomes empty.

use anyhow::Result;
use serde_json::json;

use crate::operator::{RELEASE, SPACE, wait_available};
use crate::specs::{cluster, scratch, topic};
use crate::stage::{Stage, stage, stage_alone};
use crate::traffic::{PARTITIONS, Traffic};

/// A cluster with two topics that the operator holds. A third one went, which the clients of the first did not see.
fn furnish(stage: &Stage<'_>) -> Result<()> {
    stage.apply(&cluster("fleet", json!({})))?;
    let names = ["orders", "customers", "leaving"];
    for name in names {
        stage.apply(&topic(name, "fleet", json!({ "partitions": PARTITIONS })))?;
    }
    for name in names {
        stage.ready("kafkatopic", name)?;
    }
    let kafka = stage.kafka("fleet")?;
    let traffic = Traffic::start(&kafka, "orders")?;
    stage.delete("kafkatopic", "leaving")?;
    stage.gone("kafkatopic", "leaving")?;
    traffic.end()
}

fn delete_namespace(stage: &Stage<'_>) -> Result<()> {
    let arguments = ["delete", "namespace", stage.space, "--wait=false"];
    stage.cluster.kubectl().run(&arguments).map(drop)
}

fn namespace_ends(stage: &Stage<'_>) -> Result<()> {
    let kubectl = stage.cluster.kubectl();
    stage.wait("the end of the namespace", || {
        let left = kubectl.find(&["namespace", stage.space])?;
        let said = left.as_ref().map(|space| space["status"].clone());
        anyhow::ensure!(left.is_none(), "it is {said:?}");
        Ok(Some(()))
    })?;
    // The frame of the test ends a namespace too.
    kubectl.run(&["create", "namespace", stage.space]).map(drop)
}

#[test]
fn a_namespace_goes_at_once() -> Result<()> {
    stage("end-at-once", |stage| {
        furnish(stage)?;
        delete_namespace(stage)?;
        namespace_ends(stage)
    })
}

#[test]
fn a_namespace_goes_after_its_cluster() -> Result<()> {
    stage("end-cluster", |stage| {
        furnish(stage)?;
        stage.delete("kafkacluster", "fleet")?;
        stage.gone("kafkacluster", "fleet")?;
        stage.wait_reason("kafkatopic", "orders", "ClusterNotFound")?;
        stage.delete("kafkatopic", "orders")?;
        stage.gone("kafkatopic", "orders")?;
        delete_namespace(stage)?;
        namespace_ends(stage)
    })
}

#[test]
fn a_namespace_goes_after_its_topics() -> Result<()> {
    stage("end-topics", |stage| {
        furnish(stage)?;
        stage.kubectl(&["delete", "kafkatopics", "--all", "--wait=false"])?;
        stage.delete("kafkacluster", "fleet")?;
        delete_namespace(stage)?;
        namespace_ends(stage)
    })
}

/// Brokers that cannot be reached must not hold their topics' resources for ever either.
#[test]
fn a_cluster_that_never_ran_holds_nothing() -> Result<()> {
    stage("end-never-ran", |stage| {
        stage.apply(&scratch(
            "fleet",
            json!({"image": "millrace.local/nowhere:1"}),
        ))?;
        stage.apply(&topic("orders", "fleet", json!({})))?;
        stage.wait_reason("kafkacluster", "fleet", "PodFailing")?;
        delete_namespace(stage)?;
        namespace_ends(stage)
    })
}

#[test]
fn a_namespace_goes_that_lost_its_operator_meanwhile() -> Result<()> {
    stage_alone("end-operator", |stage| {
        furnish(stage)?;
        let scale = |replicas: &str| {
            let deployment = format!("deployment/{RELEASE}");
            let arguments = ["-n", SPACE, "scale", &deployment, "--replicas", replicas];
            stage.cluster.kubectl().run(&arguments)
        };
        scale("0")?;
        let deleted = delete_namespace(stage);
        scale("2")?;
        deleted?;
        wait_available(stage.cluster)?;
        namespace_ends(stage)
    })
}
