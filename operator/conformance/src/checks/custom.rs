//! What definitions of custom resources ask for.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{causes, same};
use crate::ground::Ground;
use crate::specimens::{cluster, cluster_of_one, topic};

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let expected = expected.iter();
    expected
        .map(|(field, reason)| ((*field).to_owned(), format!("FieldValue{reason}")))
        .collect()
}

pub(super) async fn every_mistake_is_told_at_once(ground: Ground) -> Result<()> {
    let wrong = topic(
        json!({"partitions": 0, "replicas": "many", "deletionPolicy": "Forget",
        "retention": {"time": "long"}, "cleanupPolicy": ["delete", "delete"], "topicName": "a b"}),
    );
    let refused = ground
        .post("kafkatopics", &wrong)
        .await?
        .refused(422, "Invalid")?;
    let expected = pairs(&[
        ("<nil>", "Invalid"),
        ("spec.cleanupPolicy[1]", "Duplicate"),
        ("spec.deletionPolicy", "NotSupported"),
        ("spec.partitions", "Invalid"),
        ("spec.replicas", "TypeInvalid"),
        ("spec.retention.time", "Invalid"),
        ("spec.topicName", "Invalid"),
    ]);
    ensure!(causes(&refused) == expected, "{:?}", causes(&refused));
    let mut details = refused["details"].clone();
    details["causes"] = Value::Null;
    let named = json!({"name": "a", "group": "millrace.dev", "kind": "KafkaTopic", "causes": null});
    same("details", &details, &named)?;
    let ruled = topic(
        json!({"topicName": "..", "retention": {"time": "1d"}, "config": {"retention.ms": 1}}),
    );
    let refused = ground
        .post("kafkatopics", &ruled)
        .await?
        .refused(422, "Invalid")?;
    let expected = pairs(&[("spec.config", "Invalid"), ("spec.topicName", "Invalid")]);
    ensure!(causes(&refused) == expected, "{:?}", causes(&refused));
    let empty = json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic", "metadata": {"name": "a"}});
    let refused = ground
        .post("kafkatopics", &empty)
        .await?
        .refused(422, "Invalid")?;
    let expected = pairs(&[("<nil>", "Invalid"), ("spec", "Required")]);
    ensure!(causes(&refused) == expected, "{:?}", causes(&refused));
    Ok(())
}

pub(super) async fn defaults_are_set(ground: Ground) -> Result<()> {
    let made = ground
        .post("kafkaclusters", &cluster_of_one(json!({})))
        .await?
        .done()?;
    same(
        "default",
        &made["spec"]["nodePools"][0]["firstBrokerId"],
        &0.into(),
    )
}

pub(super) async fn nulls_are_left_out(ground: Ground) -> Result<()> {
    let made = ground
        .post(
            "kafkatopics",
            &topic(json!({"partitions": null, "retention": {"time": null}})),
        )
        .await?;
    same(
        "spec",
        &made.done()?["spec"],
        &json!({"clusterRef": {"name": "b"}, "retention": {}}),
    )
}

pub(super) async fn what_stays_wrong_is_not_asked_about_again(ground: Ground) -> Result<()> {
    let made = ground
        .post(
            "kafkaclusters",
            &cluster_of_one(json!({"config": {"num.partitions": 3}})),
        )
        .await?
        .done()?;
    let both = json!({"spec": {"defaults": {"partitions": 2}}});
    let refused = ground
        .patch("merge", "kafkaclusters/a", &both)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == pairs(&[("spec.config", "Invalid")]),
        "{refused}"
    );
    let labelled = json!({"metadata": {"labels": {"l": "m"}}});
    let found = ground
        .patch("merge", "kafkaclusters/a", &labelled)
        .await?
        .done()?;
    same(
        "generation",
        &found["metadata"]["generation"],
        &made["metadata"]["generation"],
    )
}

pub(super) async fn rules_compare_with_what_was(ground: Ground) -> Result<()> {
    ground
        .post("kafkatopics", &topic(json!({"partitions": 3})))
        .await?
        .done()?;
    let wrong =
        json!({"spec": {"partitions": 2, "clusterRef": {"name": "c"}, "topicName": "other"}});
    let refused = ground
        .patch("merge", "kafkatopics/a", &wrong)
        .await?
        .refused(422, "Invalid")?;
    let expected = pairs(&[
        ("spec.clusterRef", "Forbidden"),
        ("spec.partitions", "Forbidden"),
        ("spec.topicName", "Forbidden"),
    ]);
    ensure!(causes(&refused) == expected, "{:?}", causes(&refused));
    let more = json!({"spec": {"partitions": 4}});
    ground
        .patch("merge", "kafkatopics/a", &more)
        .await?
        .done()?;
    let pools = |pools: Value| cluster(json!({"nodePools": pools}));
    let pool = |name: &str, first: u32| json!({"name": name, "replicas": 1, "firstBrokerId": first, "storage": {"ephemeral": {}}});
    ground
        .post("kafkaclusters", &pools(json!([pool("one", 0)])))
        .await?
        .done()?;
    // The pool is the same one by its name, wherever it stands.
    let moved = json!({"spec": {"nodePools": [pool("one", 1000)]}});
    let refused = ground
        .patch("merge", "kafkaclusters/a", &moved)
        .await?
        .refused(422, "Invalid")?;
    let expected = pairs(&[("spec.nodePools[0].firstBrokerId", "Invalid")]);
    ensure!(causes(&refused) == expected, "{refused}");
    let renamed = json!({"spec": {"nodePools": [pool("two", 1000)]}});
    ground
        .patch("merge", "kafkaclusters/a", &renamed)
        .await?
        .done()?;
    Ok(())
}
