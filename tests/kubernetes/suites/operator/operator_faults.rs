//! The operator dies in the middle of its work; its other replica goes on from there.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::leader::{kill_leader, leader, replace_leader, taken_over};
use crate::load::{POD, alone_under_load};
use crate::operator::{SPACE, pods, wait_available};
use crate::specs::{cluster, scratch, topic};
use crate::stage::{Stage, condition};

/// Several, because passes over all of them begin at once when a replica begins to lead.
#[test]
fn every_cluster_is_taken_over() -> Result<()> {
    let fleet = scratch("fleet", json!({}));
    alone_under_load("leader-several", &fleet, |stage, _| {
        let names = ["first", "second", "fleet"];
        for name in ["first", "second"] {
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
        taken_over(stage.cluster, &dead)?;
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
    let fleet = cluster("fleet", json!({}));
    alone_under_load("leader-burst", &fleet, |stage, traffic| {
        let kafka = traffic.kafka();
        let names: Vec<String> = (0..BURST).map(|number| format!("burst-{number}")).collect();
        let items: Vec<Value> = names
            .iter()
            .map(|name| topic(name, "fleet", json!({})))
            .collect();
        stage.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}))?;
        replace_leader(stage.cluster)?;
        stage.wait("every topic", || {
            let topics = stage.list("kafkatopics")?;
            let ready = |topic: &&Value| condition(topic, "Ready")["status"] == "True";
            Ok((topics.iter().filter(ready).count() > BURST).then_some(()))
        })?;
        // Deleting them all is interrupted as well.
        let mut delete = vec!["delete", "--wait=false", "kafkatopics"];
        delete.extend(names.iter().map(String::as_str));
        stage.kubectl(&delete)?;
        replace_leader(stage.cluster)?;
        stage.wait("the end of every topic", || {
            Ok((stage.list("kafkatopics")?.len() == 1).then_some(()))
        })?;
        for name in &names {
            assert!(kafka.topic(name)?.is_none(), "{name} was left behind");
        }
        Ok(())
    })
}

#[test]
fn a_leader_whose_node_is_cut_off_is_replaced() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("leader-cut", &fleet, |stage, traffic| {
        let kafka = traffic.kafka();
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
    taken_over(stage.cluster, old)?;
    if !broker_is_cut_too {
        stage.ready("kafkatopic", "meanwhile")?;
    }
    Ok(())
}
