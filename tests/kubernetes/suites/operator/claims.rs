//! Whose a topic is: one resource at a time, from a namespace that the cluster allows.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::load::under_load;
use crate::specs::{scratch, topic};
use crate::stage::{Stage, condition};

#[test]
fn of_two_resources_the_older_has_the_topic() -> Result<()> {
    under_load("claims", &scratch("fleet", json!({})), |stage, traffic| {
        let kafka = traffic.kafka();
        let named = |partitions| json!({"topicName": "orders", "partitions": partitions});
        stage.apply(&topic("older", "fleet", named(2)))?;
        stage.ready("kafkatopic", "older")?;
        later(stage, "older")?;
        stage.apply(&topic("younger", "fleet", named(5)))?;
        let told = stage.wait_reason("kafkatopic", "younger", "NameConflict")?;
        let message = condition(&told, "Ready")["message"].to_string();
        ensure!(message.contains("older"), "{message}");
        assert_eq!(kafka.partitions("orders")?, 2);
        // The younger one goes without taking the topic along; then it comes back and inherits.
        stage.delete("kafkatopic", "younger")?;
        stage.gone("kafkatopic", "younger")?;
        assert_eq!(kafka.partitions("orders")?, 2);
        stage.apply(&topic("younger", "fleet", named(5)))?;
        stage.wait_reason("kafkatopic", "younger", "NameConflict")?;
        stage.patch_spec("kafkatopic", "older", &json!({"deletionPolicy": "Retain"}))?;
        stage.ready("kafkatopic", "older")?;
        stage.delete("kafkatopic", "older")?;
        stage.ready("kafkatopic", "younger")?;
        assert_eq!(kafka.partitions("orders")?, 5);
        Ok(())
    })
}

/// Ages are whole seconds: waits until a new resource would be younger than `name`.
fn later(stage: &Stage<'_>, name: &str) -> Result<()> {
    let created = |object: &Value| {
        let created = object["metadata"]["creationTimestamp"].as_str();
        created.map(str::to_owned).context("an age")
    };
    let before = created(&stage.get("kafkatopic", name)?)?;
    let probe = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "clock"}});
    stage.wait("the next second", || {
        stage.apply(&probe)?;
        let now = created(&stage.get("configmap", "clock")?)?;
        stage.kubectl(&["delete", "configmap", "clock"])?;
        Ok((now > before).then_some(()))
    })
}

#[test]
fn another_namespace_needs_the_clusters_leave() -> Result<()> {
    under_load("leave", &scratch("fleet", json!({})), |stage, traffic| {
        let kafka = traffic.kafka();
        let guests = Guests::invite(stage)?;
        let home = json!({"clusterRef": {"name": "fleet", "namespace": stage.space}});
        guests.stage().apply(&topic("orders", "fleet", home))?;
        guests
            .stage()
            .wait_reason("kafkatopic", "orders", "NamespaceNotAllowed")?;
        assert!(kafka.topic("orders")?.is_none());
        let allowed = json!({"topics": {"allowedNamespaces": [guests.space]}});
        stage.patch_spec("kafkacluster", "fleet", &allowed)?;
        guests.stage().ready("kafkatopic", "orders")?;
        assert!(kafka.topic("orders")?.is_some());
        // Leave that is taken back leaves the topic as it is.
        stage.patch_spec("kafkacluster", "fleet", &json!({"topics": null}))?;
        guests
            .stage()
            .wait_reason("kafkatopic", "orders", "NamespaceNotAllowed")?;
        guests.stage().delete("kafkatopic", "orders")?;
        guests.stage().gone("kafkatopic", "orders")?;
        assert!(kafka.topic("orders")?.is_some());
        Ok(())
    })
}

/// A second namespace, for as long as a test needs it.
struct Guests<'a> {
    stage: &'a Stage<'a>,
    space: String,
}

impl<'a> Guests<'a> {
    fn invite(stage: &'a Stage<'a>) -> Result<Self> {
        let space = format!("{}-guests", stage.space);
        stage
            .cluster
            .kubectl()
            .run(&["create", "namespace", &space])?;
        Ok(Self { stage, space })
    }

    fn stage(&self) -> Stage<'_> {
        Stage {
            cluster: self.stage.cluster,
            space: &self.space,
        }
    }
}

impl Drop for Guests<'_> {
    fn drop(&mut self) {
        let kubectl = self.stage.cluster.kubectl();
        let _ = kubectl.run(&["delete", "namespace", &self.space, "--wait=false"]);
    }
}
