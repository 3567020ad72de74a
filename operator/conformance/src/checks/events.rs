//! Events, which are in two groups at once.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::answer::same;
use crate::ground::Ground;

pub(super) async fn an_event_is_seen_in_both_groups(ground: Ground) -> Result<()> {
    let namespace = ground.namespace.clone();
    let regarding =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "namespace": namespace});
    let event = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e1"},
        "eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal", "reason": "Tried",
        "action": "Trying", "note": "it was tried", "regarding": regarding,
        "reportingController": "x.y/z", "reportingInstance": "z-0"});
    let path = |rest: &str| format!("/apis/events.k8s.io/v1/namespaces/{namespace}/events{rest}");
    ground.post(&path(""), &event).await?.with_code(201)?;
    let core = ground.get("events/e1").await?.done()?;
    same("version", &core["apiVersion"], &"v1".into())?;
    same("message", &core["message"], &"it was tried".into())?;
    same("object", &core["involvedObject"], &regarding)?;
    same("component", &core["reportingComponent"], &"x.y/z".into())?;
    let selected = "events?fieldSelector=involvedObject.name%3Da,involvedObject.kind%3DConfigMap";
    let list = ground.get(selected).await?.done()?;
    same(
        "kind",
        &json!([list["kind"], list["apiVersion"]]),
        &json!(["EventList", "v1"]),
    )?;
    let count = list["items"].as_array().map(Vec::len);
    ensure!(count == Some(1), "{list}");
    let none = ground
        .get("events?fieldSelector=involvedObject.name%3Db")
        .await?
        .done()?;
    same("none", &none["items"], &json!([]))?;
    let old = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e2", "namespace": namespace},
        "involvedObject": regarding, "reason": "Old", "message": "as of old", "type": "Warning", "count": 3,
        "source": {"component": "c"}, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z"});
    ground.post("events", &old).await?.with_code(201)?;
    let new = ground.get(&path("/e2")).await?.done()?;
    same("note", &new["note"], &"as of old".into())?;
    same("count", &new["deprecatedCount"], &3.into())?;
    same(
        "source",
        &new["deprecatedSource"],
        &json!({"component": "c"}),
    )?;
    let patch = json!({"message": "changed", "count": 4});
    let patched = ground.patch("merge", "events/e2", &patch).await?.done()?;
    same(
        "patched",
        &json!([patched["message"], patched["count"]]),
        &json!(["changed", 4]),
    )
}
