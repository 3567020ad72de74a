//! Volumes grow where their class lets them, and never shrink.

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::grow_volume;
use serde_json::{Value, json};

use crate::specs::{cluster, pool, topic};
use crate::stage::{Stage, condition, stage};
use crate::traffic::{PARTITIONS, Traffic};

const CLAIM: &str = "data-fleet-all-0";

fn sized(class: &str, size: &str) -> Value {
    let storage = json!({"persistent": {"size": size, "class": class, "deleteClaim": true}});
    json!({"nodePools": [pool(storage)]})
}

fn requested(stage: &Stage<'_>) -> Result<Value> {
    let claim = stage.get("pvc", CLAIM)?;
    Ok(claim["spec"]["resources"]["requests"]["storage"].clone())
}

#[test]
fn a_volume_grows_under_load() -> Result<()> {
    stage("grows", |stage| {
        stage.apply(&cluster("fleet", sized("expandable", "1Gi")))?;
        stage.apply(&topic(
            "traffic",
            "fleet",
            json!({ "partitions": PARTITIONS }),
        ))?;
        let kafka = stage.kafka("fleet")?;
        let traffic = Traffic::start(&kafka, "traffic")?;
        let pod = stage.uid("pod", "fleet-all-0")?;
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
            stage.uid("pod", "fleet-all-0")?,
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
        traffic.end()
    })
}

#[test]
fn a_volume_that_cannot_grow_is_told_and_the_rest_goes_on() -> Result<()> {
    stage("rigid", |stage| {
        stage.apply(&cluster("fleet", sized("standard", "1Gi")))?;
        let kafka = stage.kafka("fleet")?;
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
