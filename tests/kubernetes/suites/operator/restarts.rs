//! Changes while clients are at work: live where the broker can, else by a restart that is planned and explained.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::load::{POD, under_load};
use crate::operator::BROKER;
use crate::specs::{cluster, pool, topic};
use crate::stage::{Stage, condition};

/// Changes the cluster and waits until its pod is another one; tells the plan that was in its status.
fn change_by_restart(stage: &Stage<'_>, change: &Value) -> Result<Value> {
    let before = stage.uid("pod", POD)?;
    stage.patch_spec("kafkacluster", "fleet", change)?;
    let plan = stage.wait("the plan of a restart", || {
        let roll = stage.get("kafkacluster", "fleet")?["status"]["roll"].clone();
        Ok((!roll.is_null()).then_some(roll))
    })?;
    let done = stage.ready("kafkacluster", "fleet")?;
    ensure!(done["status"]["roll"].is_null(), "a plan is left: {done}");
    ensure!(
        stage.uid("pod", POD)? != before,
        "the pod was not restarted"
    );
    Ok(plan)
}

fn reasons(plan: &Value) -> Result<String> {
    let reasons = plan["steps"][0]["reasons"].as_array().context("reasons")?;
    Ok(Value::from(reasons.clone()).to_string())
}

#[test]
fn live_settings_change_without_a_restart() -> Result<()> {
    under_load("live", &cluster("fleet", json!({})), |stage, traffic| {
        let kafka = traffic.kafka();
        let before = stage.uid("pod", POD)?;
        let default = kafka.broker_setting(0, "log.retention.ms")?;
        let live = json!({"config": {"log.retention.ms": 7_200_000, "num.io.threads": 5}});
        stage.patch_spec("kafkacluster", "fleet", &live)?;
        stage.ready("kafkacluster", "fleet")?;
        assert_eq!(kafka.broker_setting(0, "log.retention.ms")?, "7200000");
        stage.patch_spec("kafkacluster", "fleet", &json!({"config": null}))?;
        stage.ready("kafkacluster", "fleet")?;
        assert_eq!(kafka.broker_setting(0, "log.retention.ms")?, default);
        assert_eq!(stage.uid("pod", POD)?, before);
        Ok(())
    })
}

#[test]
fn other_settings_restart_with_a_plan() -> Result<()> {
    under_load("planned", &cluster("fleet", json!({})), |stage, traffic| {
        let kafka = traffic.kafka();
        let change = json!({"config": {"offsets.topic.num.partitions": 7}});
        let plan = change_by_restart(stage, &change)?;
        ensure!(
            reasons(&plan)?.contains("offsets.topic.num.partitions"),
            "{plan}"
        );
        assert_eq!(
            kafka.broker_setting(0, "offsets.topic.num.partitions")?,
            "7"
        );

        let mut resources = pool(json!({"persistent": {"size": "1Gi", "deleteClaim": true}}));
        resources["resources"]["requests"]["memory"] = json!("72Mi");
        let plan = change_by_restart(stage, &json!({"nodePools": [resources]}))?;
        ensure!(reasons(&plan)?.contains("resources changed"), "{plan}");
        let pod = stage.get("pod", POD)?;
        let requests = &pod["spec"]["containers"][0]["resources"]["requests"];
        assert_eq!(requests["memory"], "72Mi");
        Ok(())
    })
}

#[test]
fn another_image_restarts() -> Result<()> {
    under_load("image", &cluster("fleet", json!({})), |stage, _| {
        let now = stage.get("pod", POD)?["spec"]["containers"][0]["image"].clone();
        let now = now.as_str().context("an image")?;
        // The same bytes under other names are images as good as any. A version is the tag of the usual one.
        let changes = [
            ("next", json!({"image": format!("{BROKER}:next")})),
            ("later", json!({"image": null, "version": "later"})),
        ];
        for (tag, change) in changes {
            let image = format!("{BROKER}:{tag}");
            for node in stage.lab()?.nodes() {
                let tag = [
                    "ctr", "-n", "k8s.io", "images", "tag", "--force", now, &image,
                ];
                node.run(&tag)?;
            }
            let plan = change_by_restart(stage, &change)?;
            ensure!(reasons(&plan)?.contains(&image), "{plan}");
            let told = stage.get("kafkacluster", "fleet")?;
            assert_eq!(told["status"]["brokers"][0]["image"], json!(image));
        }
        Ok(())
    })
}

#[test]
fn a_restart_waits_for_leave() -> Result<()> {
    let waits = json!({"rolling": {"unavailablePartitions": "Wait"}});
    under_load("blocked", &cluster("fleet", waits), |stage, traffic| {
        let kafka = traffic.kafka();
        let before = stage.uid("pod", POD)?;
        let change = json!({"config": {"offsets.topic.num.partitions": 9}});
        stage.patch_spec("kafkacluster", "fleet", &change)?;
        let told = stage.wait_reason("kafkacluster", "fleet", "RollBlocked")?;
        let step = &told["status"]["roll"]["steps"][0];
        assert_eq!(step["state"], "Blocked");
        ensure!(step["blockedBy"].to_string().contains("traffic"), "{step}");
        assert_eq!(stage.uid("pod", POD)?, before);
        let allowed = json!({"rolling": {"unavailablePartitions": "Allow"}});
        stage.patch_spec("kafkacluster", "fleet", &allowed)?;
        stage.ready("kafkacluster", "fleet")?;
        ensure!(
            stage.uid("pod", POD)? != before,
            "the pod was not restarted"
        );
        assert_eq!(
            kafka.broker_setting(0, "offsets.topic.num.partitions")?,
            "9"
        );
        Ok(())
    })
}

#[test]
fn a_paused_cluster_is_left_alone() -> Result<()> {
    under_load("paused", &cluster("fleet", json!({})), |stage, traffic| {
        let kafka = traffic.kafka();
        let before = stage.uid("pod", POD)?;
        let spec = json!({"paused": true, "config": {"log.retention.ms": 7_200_000}});
        stage.patch_spec("kafkacluster", "fleet", &spec)?;
        stage.wait("the word about the pause", || {
            let resource = stage.get("kafkacluster", "fleet")?;
            let warnings = condition(&resource, "Warnings");
            let told = warnings["message"]
                .as_str()
                .unwrap_or_default()
                .contains("paused");
            Ok(told.then_some(()))
        })?;
        stage.kubectl(&["delete", "poddisruptionbudget", "fleet"])?;
        stage.apply(&topic("later", "fleet", json!({})))?;
        stage.wait_reason("kafkatopic", "later", "ClusterPaused")?;
        assert_ne!(kafka.broker_setting(0, "log.retention.ms")?, "7200000");
        assert!(stage.find("poddisruptionbudget", "fleet")?.is_none());
        stage.patch_spec("kafkacluster", "fleet", &json!({"paused": false}))?;
        stage.ready("kafkacluster", "fleet")?;
        stage.ready("kafkatopic", "later")?;
        assert_eq!(kafka.broker_setting(0, "log.retention.ms")?, "7200000");
        assert!(stage.find("poddisruptionbudget", "fleet")?.is_some());
        assert_eq!(stage.uid("pod", POD)?, before);
        Ok(())
    })
}
