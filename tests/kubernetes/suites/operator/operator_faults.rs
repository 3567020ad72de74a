//! The operator dies in the middle of its work; its other replica goes on from there.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::operator::{SPACE, kill_leader, leader, pods, wait_available};
use crate::specs::{cluster, scratch, topic};
use crate::stage::{Stage, condition, stage_alone};
use crate::traffic::{PARTITIONS, Traffic};

const POD: &str = "fleet-all-0";

/// Another replica works, and all of them are there again.
fn taken_over(stage: &Stage<'_>, dead: &str) -> Result<()> {
    stage.wait("another leader", || {
        let now = leader(stage.cluster)?;
        ensure!(now != dead, "{dead} still holds the lease");
        Ok(Some(()))
    })?;
    wait_available(stage.cluster)
}

/// At which sight of a roll the leader dies.
type Moment = fn(&Value) -> bool;

const MOMENTS: &[(&str, Moment)] = &[
    ("the edit", |_| true),
    ("the plan", |status| !status["roll"].is_null()),
    ("the restart", |status| {
        status["roll"]["steps"][0]["state"] == "Restarting"
    }),
];

#[test]
fn a_roll_goes_on_after_the_leader_died() -> Result<()> {
    stage_alone("leader-roll", |stage| {
        stage.apply(&cluster("fleet", json!({})))?;
        stage.apply(&topic(
            "traffic",
            "fleet",
            json!({ "partitions": PARTITIONS }),
        ))?;
        let kafka = stage.kafka("fleet")?;
        let traffic = Traffic::start(&kafka, "traffic")?;
        for (partitions, (name, moment)) in (11..).zip(MOMENTS) {
            let pod = stage.uid("pod", POD)?;
            let change = json!({"config": {"offsets.topic.num.partitions": partitions}});
            stage.patch_spec("kafkacluster", "fleet", &change)?;
            stage.wait(name, || {
                let status = stage.get("kafkacluster", "fleet")?["status"].clone();
                // A moment that is missed is over when the pod is another one.
                let over = stage
                    .find("pod", POD)?
                    .is_some_and(|now| now["metadata"]["uid"] != json!(pod));
                Ok((moment(&status) || over).then_some(()))
            })?;
            let dead = kill_leader(stage.cluster)?;
            taken_over(stage, &dead)?;
            let told = stage.ready("kafkacluster", "fleet")?;
            ensure!(told["status"]["roll"].is_null(), "{name}: {told}");
            ensure!(stage.uid("pod", POD)? != pod, "{name}: no restart");
            assert_eq!(
                kafka.broker_setting(0, "offsets.topic.num.partitions")?,
                partitions.to_string()
            );
        }
        traffic.end()
    })
}

/// Several, because passes over all of them begin at once when a replica begins to lead.
#[test]
fn every_cluster_is_taken_over() -> Result<()> {
    stage_alone("leader-several", |stage| {
        let names = ["first", "second", "third"];
        for name in names {
            stage.apply(&scratch(name, json!({})))?;
        }
        for name in names {
            stage.ready("kafkacluster", name)?;
        }
        let dead = kill_leader(stage.cluster)?;
        let live = json!({"config": {"log.retention.ms": 7_200_000}});
        for name in names {
            stage.patch_spec("kafkacluster", name, &live)?;
        }
        taken_over(stage, &dead)?;
        for name in names {
            stage.ready("kafkacluster", name)?;
        }
        Ok(())
    })
}

/// Enough that the leader dies before the last.
const BURST: usize = 300;

#[test]
fn a_burst_of_topics_goes_on_after_the_leader_died() -> Result<()> {
    stage_alone("leader-burst", |stage| {
        stage.apply(&cluster("fleet", json!({})))?;
        let kafka = stage.kafka("fleet")?;
        let names: Vec<String> = (0..BURST).map(|number| format!("burst-{number}")).collect();
        let items: Vec<Value> = names
            .iter()
            .map(|name| topic(name, "fleet", json!({})))
            .collect();
        stage.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}))?;
        let dead = kill_leader(stage.cluster)?;
        taken_over(stage, &dead)?;
        stage.wait("every topic", || {
            let topics = stage.list("kafkatopics")?;
            let ready = |topic: &&Value| condition(topic, "Ready")["status"] == "True";
            Ok((topics.iter().filter(ready).count() == BURST).then_some(()))
        })?;
        // Deleting them all is interrupted as well.
        stage.kubectl(&["delete", "kafkatopics", "--all", "--wait=false"])?;
        let dead = kill_leader(stage.cluster)?;
        taken_over(stage, &dead)?;
        stage.wait("the end of every topic", || {
            Ok(stage.list("kafkatopics")?.is_empty().then_some(()))
        })?;
        for name in &names {
            assert!(kafka.topic(name)?.is_none(), "{name} was left behind");
        }
        Ok(())
    })
}

#[test]
fn a_leader_whose_node_is_cut_off_is_replaced() -> Result<()> {
    stage_alone("leader-cut", |stage| {
        stage.apply(&cluster("fleet", json!({})))?;
        let kafka = stage.kafka("fleet")?;
        let old = leader(stage.cluster)?;
        ensure!(pods(stage.cluster)?.len() == 2, "nobody stands by");
        let found = stage.cluster.kubectl().find(&["-n", SPACE, "pod", &old])?;
        let found = found.context("the leader's pod")?;
        let node = found["spec"]["nodeName"].as_str().context("a node")?;
        let node = stage.lab()?.node_named(node)?;
        let broker = stage.get("pod", POD)?["spec"]["nodeName"] == json!(node.name());
        node.cut()?;
        let replaced = while_cut(stage, &old, broker);
        node.heal()?;
        replaced?;
        stage.ready("kafkatopic", "meanwhile")?;
        assert!(kafka.topic("meanwhile")?.is_some());
        // Who was cut off comes back as the one that stands by, and there is one leader.
        wait_available(stage.cluster)
    })
}

fn while_cut(stage: &Stage<'_>, old: &str, broker_is_cut_too: bool) -> Result<()> {
    stage.apply(&topic("meanwhile", "fleet", json!({})))?;
    stage.wait("another leader", || {
        let now = leader(stage.cluster)?;
        ensure!(now != old, "{old} still holds the lease");
        Ok(Some(()))
    })?;
    if !broker_is_cut_too {
        stage.ready("kafkatopic", "meanwhile")?;
    }
    Ok(())
}
