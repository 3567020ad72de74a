//! The broker's own node: cut off, without power, drained. The status says why the broker is away, also when the
//! operator's leader dies meanwhile, and afterwards all is as before.

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::Node;
use serde_json::{Value, json};

use crate::leader::replace_leader;
use crate::load::{POD, alone_under_load};
use crate::operator::wait_available;
use crate::specs::cluster;
use crate::stage::{Stage, condition};

/// The node that the broker is on.
pub(crate) fn node_of(stage: &Stage<'_>) -> Result<Node> {
    let pod = stage.get("pod", POD)?;
    let node = pod["spec"]["nodeName"].as_str().context("a node")?;
    stage.lab()?.node_named(node)
}

/// Waits until the status tells of the broker in these words; then the leader dies, and its heir says the same.
fn told_twice(stage: &Stage<'_>, words: &[&str]) -> Result<()> {
    told(stage, words)?;
    replace_leader(stage.cluster)?;
    told(stage, words)
}

fn told(stage: &Stage<'_>, words: &[&str]) -> Result<()> {
    stage.wait(&format!("a status with {words:?}"), || {
        let fleet = stage.get("kafkacluster", "fleet")?;
        let ready = condition(&fleet, "Ready");
        let message = ready["message"].as_str().unwrap_or_default();
        let all = words.iter().all(|word| message.contains(word));
        ensure!(ready["status"] == "False" && all, "it says {ready}");
        Ok(Some(()))
    })
}

/// The same pod, and clients that go on.
fn recovered(stage: &Stage<'_>, pod: &Value) -> Result<()> {
    let ready = stage.ready("kafkacluster", "fleet")?;
    ensure!(ready["status"]["roll"].is_null(), "a plan is left: {ready}");
    assert_eq!(&stage.get("pod", POD)?["metadata"]["uid"], pod);
    wait_available(stage.cluster)
}

#[test]
fn a_broker_whose_node_is_cut_off_comes_back() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("node-cut", &fleet, |stage, traffic| {
        let pod = json!(stage.uid("pod", POD)?);
        let node = node_of(stage)?;
        node.cut()?;
        let told = told_twice(stage, &[POD, &node.name()]);
        node.heal()?;
        told?;
        recovered(stage, &pod)?;
        traffic.flows()
    })
}

#[test]
fn a_broker_whose_node_loses_power_comes_back() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("node-power", &fleet, |stage, traffic| {
        let pod = json!(stage.uid("pod", POD)?);
        let node = node_of(stage)?;
        node.power_off()?;
        let told = told_twice(stage, &[POD, &node.name()]);
        node.power_on()?;
        told?;
        recovered(stage, &pod)?;
        traffic.flows()
    })
}

/// The broker's disk is on the node, so it waits for the node. Nobody drains a broker that has to stay.
#[test]
fn a_drained_broker_comes_back_with_its_node() -> Result<()> {
    let waits = json!({"rolling": {"unavailablePartitions": "Wait"}});
    let fleet = cluster("fleet", waits);
    alone_under_load("node-drain", &fleet, |stage, traffic| {
        let lab = stage.lab()?;
        let pod = stage.uid("pod", POD)?;
        let node = node_of(stage)?;
        let refused = lab.evict(stage.space, POD).err();
        let refused = refused.context("a broker that has to stay was evicted")?;
        ensure!(
            format!("{refused:#}").contains("disruption budget"),
            "{refused:#}"
        );
        let allowed = json!({"rolling": {"unavailablePartitions": "Allow"}});
        stage.patch_spec("kafkacluster", "fleet", &allowed)?;
        stage.ready("kafkacluster", "fleet")?;
        let drained = lab
            .drain(&node)
            .and_then(|()| told_twice(stage, &[POD, "no node takes it"]));
        lab.uncordon(&node)?;
        drained?;
        stage.ready("kafkacluster", "fleet")?;
        ensure!(stage.uid("pod", POD)? != pod, "nobody was drained");
        traffic.flows()
    })
}
