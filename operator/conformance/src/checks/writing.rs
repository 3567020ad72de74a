//! Changing what is there: versions, generations, what stays.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{causes, same};
use crate::ground::Ground;
use crate::specimens::{map, map_of, stateful_set, topic};

pub(super) async fn a_stale_write_conflicts(ground: Ground) -> Result<()> {
    let made = ground
        .post("configmaps", &map_of("a", json!({"n": "1"})))
        .await?
        .done()?;
    let mut newer = made.clone();
    newer["data"]["n"] = "2".into();
    ground.put("configmaps/a", &newer).await?.done()?;
    let mut stale = made.clone();
    stale["data"]["n"] = "3".into();
    ground
        .put("configmaps/a", &stale)
        .await?
        .refused(409, "Conflict")?;
    let version = &made["metadata"]["resourceVersion"];
    let patch = json!({"metadata": {"resourceVersion": version}, "data": {"n": "4"}});
    ground
        .patch("merge", "configmaps/a", &patch)
        .await?
        .refused(409, "Conflict")?;
    let mut other = made.clone();
    other["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000".into();
    other["metadata"]["resourceVersion"] = "".into();
    ground
        .put("configmaps/a", &other)
        .await?
        .refused(409, "Conflict")?;
    stale["metadata"]["resourceVersion"] = "".into();
    let replaced = ground.put("configmaps/a", &stale).await?.done()?;
    same("data", &replaced["data"], &json!({"n": "3"}))?;
    let topic = topic(json!({}));
    ground.post("kafkatopics", &topic).await?.done()?;
    let refused = ground
        .put("kafkatopics/a", &topic)
        .await?
        .refused(422, "Invalid")?;
    let expected = (
        "metadata.resourceVersion".into(),
        "FieldValueInvalid".into(),
    );
    ensure!(causes(&refused) == [expected], "{refused}");
    Ok(())
}

pub(super) async fn a_write_that_changes_nothing_leaves_no_trace(ground: Ground) -> Result<()> {
    let made = ground
        .post("configmaps", &map_of("a", json!({"n": "1"})))
        .await?
        .done()?;
    let put = ground.put("configmaps/a", &made).await?.done()?;
    same("after put", &put, &made)?;
    let patched = ground
        .patch("merge", "configmaps/a", &json!({"data": {"n": "1"}}))
        .await?
        .done()?;
    same("after patch", &patched, &made)?;
    let none = ground
        .patch("merge", "configmaps/a", &json!({"data": {"m": null}}))
        .await?
        .done()?;
    same("after nothing", &none, &made)
}

pub(super) async fn generations_count_specs(ground: Ground) -> Result<()> {
    let generation = |object: &Value| object["metadata"]["generation"].clone();
    let set = ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    same("at first", &generation(&set), &1.into())?;
    let labelled = json!({"metadata": {"labels": {"a": "b"}}});
    let set = ground
        .patch("merge", "statefulsets/a", &labelled)
        .await?
        .done()?;
    same("after a label", &generation(&set), &1.into())?;
    let scaled = json!({"spec": {"minReadySeconds": 5}});
    let set = ground
        .patch("merge", "statefulsets/a", &scaled)
        .await?
        .done()?;
    same("after a spec", &generation(&set), &2.into())?;
    let map = ground.post("configmaps", &map("a")).await?.done()?;
    same("of a map", &generation(&map), &Value::Null)
}

pub(super) async fn what_is_only_tried_is_not_stored(ground: Ground) -> Result<()> {
    let tried = ground
        .post("configmaps?dryRun=All", &map_of("a", json!({"n": "1"})))
        .await?;
    let tried = tried.with_code(201)?;
    ensure!(tried["metadata"]["uid"].is_string(), "{tried}");
    ground.get("configmaps/a").await?.refused(404, "NotFound")?;
    let made = ground
        .post("configmaps", &map_of("a", json!({"n": "1"})))
        .await?
        .done()?;
    let patch = json!({"data": {"n": "2"}});
    let tried = ground
        .patch("merge", "configmaps/a?dryRun=All", &patch)
        .await?
        .done()?;
    same("tried", &tried["data"], &json!({"n": "2"}))?;
    ground
        .delete("configmaps/a?dryRun=All", &Value::Null)
        .await?
        .done()?;
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]});
    ground.delete("configmaps/a", &options).await?.done()?;
    same("stored", &ground.get("configmaps/a").await?.done()?, &made)
}

pub(super) async fn some_fields_stay_as_they_were_created(ground: Ground) -> Result<()> {
    ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    let patch = json!({"spec": {"serviceName": "other"}});
    let refused = ground
        .patch("merge", "statefulsets/a", &patch)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("spec".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "resources": {"requests": {"storage": "1Gi"}}}});
    ground
        .post("persistentvolumeclaims", &claim)
        .await?
        .done()?;
    let patch = json!({"spec": {"storageClassName": "other"}});
    let refused = ground
        .patch("merge", "persistentvolumeclaims/a", &patch)
        .await?;
    let refused = refused.refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("spec".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    let mut settled = map_of("a", json!({"n": "1"}));
    settled["immutable"] = true.into();
    ground.post("configmaps", &settled).await?.done()?;
    let patch = json!({"data": {"n": "2"}});
    let refused = ground
        .patch("merge", "configmaps/a", &patch)
        .await?
        .refused(422, "Invalid")?;
    ensure!(
        causes(&refused) == [("data".into(), "FieldValueForbidden".into())],
        "{refused}"
    );
    Ok(())
}
