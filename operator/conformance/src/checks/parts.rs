//! Subresources: status and scale.

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::answer::same;
use crate::ground::Ground;
use crate::specimens::{stateful_set, topic};

const CONFLICT: u16 = 409;
/// So often something is written again that others wrote meanwhile.
const TRIES: usize = 10;

/// A topic that says what only its status may say.
fn topic_of(partitions: u32) -> Value {
    let mut topic = topic(json!({"partitions": partitions}));
    topic["status"] = json!({"topicName": "not-yet"});
    topic
}

/// What the checks' own manager changed through a subresource.
fn fields_through(subresource: &str, object: &Value) -> Value {
    let managers = object["metadata"]["managedFields"].as_array();
    let mut managers = managers.into_iter().flatten();
    let ours =
        managers.find(|one| one["subresource"] == subresource && one["manager"] == "conformance");
    ours.map(|one| one["fieldsV1"].clone()).unwrap_or_default()
}

pub(super) async fn spec_and_status_are_written_apart(ground: Ground) -> Result<()> {
    let made = ground.post("kafkatopics", &topic_of(1)).await?.done()?;
    same("status of a new one", &made["status"], &Value::Null)?;
    let both = json!({"metadata": {"labels": {"l": "m"}}, "spec": {"partitions": 2}, "status": {"partitions": 1}});
    let main = ground
        .patch("merge", "kafkatopics/a", &both)
        .await?
        .done()?;
    same(
        "main",
        &json!([main["spec"]["partitions"], main["status"]]),
        &json!([2, null]),
    )?;
    let both = json!({"metadata": {"labels": {"l": "n"}}, "spec": {"partitions": 3}, "status": {"partitions": 2}});
    let status = ground
        .patch("merge", "kafkatopics/a/status", &both)
        .await?
        .done()?;
    same(
        "status",
        &json!([status["spec"]["partitions"], status["status"]["partitions"]]),
        &json!([2, 2]),
    )?;
    same("labels", &status["metadata"]["labels"], &json!({"l": "m"}))?;
    same("generation", &status["metadata"]["generation"], &2.into())?;
    same(
        "fields",
        &fields_through("status", &status),
        // A label that was not stored counts as theirs all the same.
        &json!({"f:metadata": {"f:labels": {"f:l": {}}}, "f:status": {".": {}, "f:partitions": {}}}),
    )?;
    let read = ground.get("kafkatopics/a/status").await?.done()?;
    same("read", &read["spec"], &status["spec"])?;
    let wrong = json!({"status": {"partitions": "many"}});
    ground
        .patch("merge", "kafkatopics/a/status", &wrong)
        .await?
        .refused(422, "Invalid")?;
    Ok(())
}

/// The scale that was read, and what is answered when it is written. Whoever makes pods may write the
/// set's status between the two; then both are done again.
async fn scaled(ground: &Ground) -> Result<(Value, Value)> {
    for _ in 0..TRIES {
        let mut scale = ground.get("statefulsets/a/scale").await?.done()?;
        // None: a pod would be the machines' business.
        scale["spec"]["replicas"] = 0.into();
        let put = ground.put("statefulsets/a/scale", &scale).await?;
        if put.code != CONFLICT {
            return Ok((scale, put.done()?));
        }
    }
    bail!("{TRIES} conflicts with others, one after the other")
}

pub(super) async fn a_scale_changes_replicas_alone(ground: Ground) -> Result<()> {
    ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    let (mut scale, put) = scaled(&ground).await?;
    same(
        "kind",
        &json!([scale["kind"], scale["apiVersion"]]),
        &json!(["Scale", "autoscaling/v1"]),
    )?;
    same("selector", &scale["status"]["selector"], &"x=a".into())?;
    same("status", &scale["status"]["replicas"], &0.into())?;
    same("kind", &put["kind"], &"Scale".into())?;
    scale["metadata"]["resourceVersion"] = "1".into();
    ground
        .put("statefulsets/a/scale", &scale)
        .await?
        .refused(409, "Conflict")?;
    ground.get("configmaps/a/scale").await?.with_code(404)?;
    Ok(())
}

pub(super) async fn a_topic_is_scaled_by_its_partitions(ground: Ground) -> Result<()> {
    ground.post("kafkatopics", &topic_of(3)).await?.done()?;
    let scale = ground.get("kafkatopics/a/scale").await?.done()?;
    same("scale", &scale["spec"], &json!({"replicas": 3}))?;
    same("status", &scale["status"], &json!({"replicas": 0}))?;
    let more = json!({"spec": {"replicas": 5}});
    let scale = ground
        .patch("merge", "kafkatopics/a/scale", &more)
        .await?
        .done()?;
    same("scaled", &scale["spec"], &json!({"replicas": 5}))?;
    let topic = ground.get("kafkatopics/a").await?.done()?;
    same(
        "topic",
        &topic["spec"],
        &json!({"clusterRef": {"name": "b"}, "partitions": 5}),
    )?;
    same("generation", &topic["metadata"]["generation"], &2.into())?;
    let fields = fields_through("scale", &topic);
    same("fields", &fields, &json!({"f:spec": {"f:partitions": {}}}))?;
    let fewer = json!({"spec": {"replicas": 4}});
    let refused = ground.patch("merge", "kafkatopics/a/scale", &fewer).await?;
    let refused = refused.refused(422, "Invalid")?;
    ensure!(refused.to_string().contains("never fewer"), "{refused}");
    Ok(())
}
