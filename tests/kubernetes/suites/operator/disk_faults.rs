//! The broker's disk: full, and lost.

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::grow_volume;
use serde_json::{Value, json};

use crate::leader::replace_leader;
use crate::load::{CLAIM, POD, alone_under_load};
use crate::operator::{Metrics, read_metrics};
use crate::specs::{cluster, topic};
use crate::stage::{Stage, condition, stage_alone};
use crate::storage::{requested, sized};
use crate::traffic::{PARTITIONS, Traffic};

/// The disk behind the broker's claim.
fn volume(stage: &Stage<'_>) -> Result<String> {
    let claim = stage.get("pvc", CLAIM)?;
    let volume = claim["spec"]["volumeName"].as_str();
    volume.map(str::to_owned).context("a claim with a volume")
}

fn broker_metrics(stage: &Stage<'_>) -> Result<Metrics> {
    let pod = stage.get("pod", POD)?;
    let address = pod["status"]["podIP"].as_str().context("an address")?;
    read_metrics(&format!("{address}:9404"))
}

/// Has the operator look at the cluster now: without a reason it does so once a minute.
fn nudge(stage: &Stage<'_>, word: &str) -> Result<()> {
    let note = json!({"metadata": {"annotations": {"nudge": word}}});
    stage.patch("kafkacluster", "fleet", &note)
}

fn warnings(fleet: &Value) -> &str {
    condition(fleet, "Warnings")["message"]
        .as_str()
        .unwrap_or_default()
}

#[test]
fn a_full_disk_is_told_and_grows_and_loses_nothing() -> Result<()> {
    let fleet = cluster("fleet", sized("expandable", "1Gi"));
    alone_under_load("disk-full", &fleet, |stage, traffic| {
        let volume = volume(stage)?;
        let pod = stage.uid("pod", POD)?;
        stage.lab()?.fill_volume(&volume)?;
        let told = while_full(stage).and_then(|()| ask_for_more(stage));
        // A disk that has grown has room; here it is the filler's.
        stage.lab()?.free_volume(&volume)?;
        told?;
        grow_volume(stage.cluster.kubectl(), stage.space, CLAIM)?;
        traffic.flows()?;
        nudge(stage, "grown")?;
        stage.wait("no warning any more", || {
            let fleet = stage.ready("kafkacluster", "fleet")?;
            let warnings = warnings(&fleet);
            ensure!(!warnings.contains(CLAIM), "it warns of {warnings}");
            assert_eq!(fleet["status"]["storage"][0]["size"], "2Gi");
            Ok(Some(()))
        })?;
        assert_eq!(stage.uid("pod", POD)?, pod, "it took a restart");
        Ok(())
    })
}

/// A full broker does not keep its claim from growing.
fn ask_for_more(stage: &Stage<'_>) -> Result<()> {
    stage.patch_spec("kafkacluster", "fleet", &sized("expandable", "2Gi"))?;
    stage.wait("the claim to ask for more", || {
        Ok((requested(stage)? == "2Gi").then_some(()))
    })
}

fn while_full(stage: &Stage<'_>) -> Result<()> {
    stage.wait("records to be refused", || {
        let refusals = ["request=\"Produce\"", "error=\"KAFKA_STORAGE_ERROR\""];
        let refused =
            broker_metrics(stage)?.sum("kafka_network_requestmetrics_errors_total", &refusals);
        Ok((refused > 0.0).then_some(()))
    })?;
    nudge(stage, "full")?;
    is_full(stage)?;
    replace_leader(stage.cluster)?;
    is_full(stage)
}

fn is_full(stage: &Stage<'_>) -> Result<()> {
    stage.wait("the status to tell of the full disk", || {
        let fleet = stage.get("kafkacluster", "fleet")?;
        let used = fleet["status"]["storage"][0]["usedPercent"].as_i64();
        ensure!(used >= Some(99), "{}", fleet["status"]["storage"]);
        let warnings = warnings(&fleet);
        ensure!(
            warnings.contains(CLAIM) && warnings.contains("full"),
            "it warns of {warnings}"
        );
        Ok(Some(()))
    })
}

/// Where there is one copy, its records are gone with it. Cluster and topics are not.
#[test]
fn a_cluster_serves_again_after_its_disk_was_lost() -> Result<()> {
    stage_alone("disk-lost", |stage| {
        stage.apply(&cluster("fleet", json!({})))?;
        let partitions = json!({"partitions": PARTITIONS, "config": {"retention.ms": 7_000_000}});
        stage.apply(&topic("orders", "fleet", partitions))?;
        let kafka = stage.kafka("fleet")?;
        let before = stage.ready("kafkatopic", "orders")?;
        Traffic::start(&kafka, "orders")?.end()?;
        stage.lab()?.lose_volume(&volume(stage)?)?;
        stage.delete("pod", POD)?;
        replace_leader(stage.cluster)?;
        let kafka = stage.kafka("fleet")?;
        stage.wait("another topic of that name", || {
            let now = stage.ready("kafkatopic", "orders")?;
            ensure!(
                now["status"]["topicId"] != before["status"]["topicId"],
                "the old one"
            );
            Ok(Some(()))
        })?;
        assert_eq!(
            kafka.setting("orders", "retention.ms")?.value.as_deref(),
            Some("7000000")
        );
        Traffic::start(&kafka, "orders")?.end()
    })
}
