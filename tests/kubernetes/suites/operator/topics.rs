//! Topics follow their resources, and what the resource does not say is left alone.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::kafka::Kafka;
use crate::load::under_load;
use crate::specs::{scratch, topic};
use crate::stage::{Stage, condition};
use crate::traffic::Traffic;

/// A cluster that serves others meanwhile.
fn with_cluster(name: &str, test: impl FnOnce(&Stage<'_>, &Kafka) -> Result<()>) -> Result<()> {
    let fleet = scratch("fleet", json!({}));
    under_load(name, &fleet, |stage, traffic| test(stage, traffic.kafka()))
}

fn setting(kafka: &Kafka, topic: &str, key: &str) -> Result<String> {
    let item = kafka.setting(topic, key)?;
    Ok(item.value.as_deref().unwrap_or_default().to_owned())
}

#[test]
fn a_topic_follows_its_resource() -> Result<()> {
    with_cluster("topic-follows", |stage, kafka| {
        let config = json!({"segment.bytes": 2_097_152, "max.message.bytes": 500_000});
        let spec =
            json!({"partitions": 2, "retention": {"time": "7d", "bytes": "1Gi"}, "config": config});
        stage.apply(&topic("orders", "fleet", spec))?;
        stage.ready("kafkatopic", "orders")?;
        assert_eq!(kafka.partitions("orders")?, 2);
        assert_eq!(setting(kafka, "orders", "retention.ms")?, "604800000");
        assert_eq!(setting(kafka, "orders", "retention.bytes")?, "1073741824");
        assert_eq!(setting(kafka, "orders", "segment.bytes")?, "2097152");
        let traffic = Traffic::start(kafka, "orders")?;

        let config = json!({"segment.bytes": 4_194_304, "max.message.bytes": null});
        let change = json!({"retention": {"time": "1d", "bytes": "unlimited"}, "cleanupPolicy": ["delete"], "config": config});
        stage.patch_spec("kafkatopic", "orders", &change)?;
        stage.ready("kafkatopic", "orders")?;
        assert_eq!(setting(kafka, "orders", "retention.ms")?, "86400000");
        assert_eq!(setting(kafka, "orders", "retention.bytes")?, "-1");
        assert_eq!(setting(kafka, "orders", "segment.bytes")?, "4194304");
        assert_eq!(setting(kafka, "orders", "cleanup.policy")?, "delete");
        let left_out = kafka.setting("orders", "max.message.bytes")?;
        assert!(left_out.is_default(), "{left_out:?}");

        grows(stage, kafka)?;
        refused_edits(stage, kafka)?;
        traffic.end()
    })
}

fn grows(stage: &Stage<'_>, kafka: &Kafka) -> Result<()> {
    stage.patch_spec("kafkatopic", "orders", &json!({"partitions": 4}))?;
    stage.ready("kafkatopic", "orders")?;
    assert_eq!(kafka.partitions("orders")?, 4);
    stage.kubectl(&["scale", "kafkatopic/orders", "--replicas=6"])?;
    let scaled = stage.ready("kafkatopic", "orders")?;
    assert_eq!(kafka.partitions("orders")?, 6);
    assert_eq!(scaled["status"]["partitions"], 6);
    Ok(())
}

fn refused_edits(stage: &Stage<'_>, kafka: &Kafka) -> Result<()> {
    let fewer = stage.patch_spec("kafkatopic", "orders", &json!({"partitions": 3}));
    let refusal = fewer.err().context("fewer partitions were accepted")?;
    ensure!(
        format!("{refusal:#}").contains("never fewer"),
        "{refusal:#}"
    );
    // What cannot be done is told, and what stands beside it is done.
    let both = json!({"replicas": 3, "retention": {"time": "2d"}});
    stage.patch_spec("kafkatopic", "orders", &both)?;
    let told = stage.wait_reason("kafkatopic", "orders", "ReplicationChange")?;
    assert_eq!(told["status"]["replicas"], 1);
    assert_eq!(setting(kafka, "orders", "retention.ms")?, "172800000");
    stage.patch_spec("kafkatopic", "orders", &json!({"replicas": null}))?;
    stage.ready("kafkatopic", "orders").map(drop)
}

#[test]
fn an_existing_topic_is_adopted_with_its_records() -> Result<()> {
    with_cluster("topic-adopted", |stage, kafka| {
        kafka.create(
            "orders",
            2,
            &[("retention.ms", "1000000"), ("segment.bytes", "3000000")],
        )?;
        let traffic = Traffic::start(kafka, "orders")?;
        let id = kafka.topic("orders")?.context("a topic")?.id;
        let spec = json!({"partitions": 3, "retention": {"time": "7d"}});
        stage.apply(&topic("orders", "fleet", spec))?;
        stage.ready("kafkatopic", "orders")?;
        assert_eq!(kafka.partitions("orders")?, 3);
        assert_eq!(setting(kafka, "orders", "retention.ms")?, "604800000");
        assert_eq!(
            setting(kafka, "orders", "segment.bytes")?,
            "3000000",
            "left alone"
        );
        assert_eq!(kafka.topic("orders")?.context("a topic")?.id, id);
        traffic.end()
    })
}

#[test]
fn drift_is_put_back_and_told() -> Result<()> {
    with_cluster("topic-drift", |stage, kafka| {
        let spec = json!({"partitions": 2, "retention": {"time": "7d"}});
        stage.apply(&topic("orders", "fleet", spec))?;
        stage.ready("kafkatopic", "orders")?;
        kafka.set("orders", "retention.ms", Some("1000"))?;
        kafka.set("orders", "segment.bytes", Some("5000000"))?;
        let report = stage.wait("the report of the drift", || {
            let drift = stage.get("kafkatopic", "orders")?["status"]["drift"].clone();
            Ok((!drift.is_null()).then_some(drift))
        })?;
        assert_eq!(
            report["reverted"],
            json!(["retention.ms: found 1000, put back 604800000"])
        );
        let done = stage.ready("kafkatopic", "orders")?;
        assert_eq!(done["status"]["drift"], report);
        assert_eq!(setting(kafka, "orders", "retention.ms")?, "604800000");
        assert_eq!(
            setting(kafka, "orders", "segment.bytes")?,
            "5000000",
            "nobody's"
        );
        Ok(())
    })
}

#[test]
fn what_becomes_of_a_topic_is_its_policy() -> Result<()> {
    with_cluster("topic-policy", |stage, kafka| {
        stage.apply(&topic("doomed", "fleet", json!({})))?;
        stage.apply(&topic("kept", "fleet", json!({"deletionPolicy": "Retain"})))?;
        stage.apply(&topic(
            "released",
            "fleet",
            json!({"config": {"retention.ms": 7_000_000}}),
        ))?;
        for name in ["doomed", "kept", "released"] {
            stage.ready("kafkatopic", name)?;
        }
        let unmanaged = json!({"managed": false, "config": {"retention.ms": 8_000_000}});
        stage.patch_spec("kafkatopic", "released", &unmanaged)?;
        stage.wait_reason("kafkatopic", "released", "Unmanaged")?;
        assert_eq!(setting(kafka, "released", "retention.ms")?, "7000000");
        for name in ["doomed", "kept", "released"] {
            stage.delete("kafkatopic", name)?;
            stage.gone("kafkatopic", name)?;
        }
        for (name, stays) in [("doomed", false), ("kept", true), ("released", true)] {
            assert_eq!(kafka.topic(name)?.is_some(), stays, "{name}");
        }
        Ok(())
    })
}

#[test]
fn a_refused_setting_stops_no_other_topic() -> Result<()> {
    with_cluster("topic-refused", |stage, kafka| {
        stage.apply(&topic(
            "bad",
            "fleet",
            json!({"config": {"retention.ms": "soon"}}),
        ))?;
        stage.apply(&topic("good", "fleet", json!({})))?;
        stage.ready("kafkatopic", "good")?;
        let told = stage.wait("the refusal", || {
            let bad = stage.get("kafkatopic", "bad")?;
            let stalled = condition(&bad, "Stalled").clone();
            Ok((!stalled.is_null()).then_some(stalled))
        })?;
        let message = told["message"].as_str().unwrap_or_default();
        ensure!(message.contains("retention.ms"), "{told}");
        stage.patch_spec(
            "kafkatopic",
            "bad",
            &json!({"config": {"retention.ms": 1_000_000}}),
        )?;
        stage.ready("kafkatopic", "bad")?;
        assert_eq!(setting(kafka, "bad", "retention.ms")?, "1000000");
        Ok(())
    })
}
