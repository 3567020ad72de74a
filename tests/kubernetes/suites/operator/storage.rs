//! Volumes grow where their class lets them, and never shrink.

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::grow_volume;
use serde_json::{Value, json};

use crate::load::{CLAIM, POD, under_load};
use crate::specs::{cluster, pool};
use crate::stage::{Stage, condition, stage};

pub(crate) fn sized(class: &str, size: &str) -> Value {
    let storage = json!({"persistent": {"size": size, "class": class, "deleteClaim": true}});
    json!({"nodePools": [pool(storage)]})
}

/// What the broker's claim asks for.
pub(crate) fn requested(stage: &Stage<'_>) -> Result<Value> {
    let claim = stage.get("pvc", CLAIM)?;
    Ok(claim["spec"]["resources"]["requests"]["storage"].clone())
}

#[test]
fn a_volume_grows_under_load() -> Result<()> {
    let fleet = cluster("fleet", sized("expandable", "1Gi"));
    under_load("grows", &fleet, |stage, _| {
        let pod = stage.uid("pod", POD)?;
        stage.patch_spec("kafkacluster", "fleet", &sized("expandable", "2Gi"))?;
        stage.wait("the claim to ask for more", || {
            Ok((requested(stage)? == "2Gi").then_some(()))
        })?;
        grow_volume(stage.cluster.kubectl(), stage.space, CLAIM)?;
        stage.wait("the new size in the status", || {
            let told = stage.ready("kafkacluster", "fleet")?;
            let volume = &told["status"]["storage"][0];
            Ok((volume["size"] == "2Gi" && volume["message"].is_null()).then_some(()))
        })?;
        assert_eq!(
            stage.uid("pod", POD)?,
            pod,
            "a volume grows under a running broker"
        );
        // A claim that is made anew has the new size at once.
        let set = stage.get("statefulset", "fleet-all")?;
        let template = &set["spec"]["volumeClaimTemplates"][0]["spec"]["resources"];
        assert_eq!(template["requests"]["storage"], "2Gi");
        let shrunk = stage.patch_spec("kafkacluster", "fleet", &sized("expandable", "1Gi"));
        let refusal = shrunk.err().context("a smaller volume was accepted")?;
        ensure!(
            format!("{refusal:#}").contains("never shrink"),
            "{refusal:#}"
        );
        Ok(())
    })
}

#[test]
fn a_volume_that_cannot_grow_is_told_and_the_rest_goes_on() -> Result<()> {
    let fleet = cluster("fleet", sized("standard", "1Gi"));
    under_load("rigid", &fleet, |stage, traffic| {
        let kafka = traffic.kafka();
        let mut change = sized("standard", "2Gi");
        change["config"] = json!({"log.retention.ms": 7_200_000});
        stage.patch_spec("kafkacluster", "fleet", &change)?;
        stage.wait("the warning about the class", || {
            let told = stage.get("kafkacluster", "fleet")?;
            let warnings = condition(&told, "Warnings")["message"].to_string();
            ensure!(warnings.contains(CLAIM), "it warns of {warnings}");
            Ok(Some(()))
        })?;
        stage.ready("kafkacluster", "fleet")?;
        assert_eq!(requested(stage)?, "1Gi");
        assert_eq!(kafka.broker_setting(0, "log.retention.ms")?, "7200000");
        Ok(())
    })
}

/// What such a pod had is gone with it, so nobody reads here.
#[test]
fn the_limit_of_a_passing_disk_changes() -> Result<()> {
    stage("limit", |stage| {
        for limit in ["1Gi", "2Gi"] {
            let storage = json!({"ephemeral": {"sizeLimit": limit}});
            stage.apply(&cluster("fleet", json!({"nodePools": [pool(storage)]})))?;
            stage.ready("kafkacluster", "fleet")?;
            let pod = stage.get("pod", POD)?.to_string();
            ensure!(pod.contains(&format!(r#""sizeLimit":"{limit}""#)), "{pod}");
        }
        Ok(())
    })
}
