//! What is refused, and how it is told.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::json;

use crate::answer::{causes, same, text};
use crate::ground::Ground;
use crate::specimens::map;

pub(super) async fn what_is_not_served_is_named(ground: Ground) -> Result<()> {
    ground
        .get("/apis/odd.example.com/v1/things")
        .await?
        .with_code(404)?;
    ground.get("gizmos").await?.with_code(404)?;
    ground.post("configmaps", &map("a")).await?.done()?;
    ground.get("configmaps/a/status").await?.with_code(404)?;
    let wrong = ground
        .ask(Method::POST, "configmaps/a", "application/json", &map("a"))
        .await?;
    wrong.refused(405, "MethodNotAllowed")?;
    let wrong = ground
        .ask(Method::PUT, "configmaps", "application/json", &map("a"))
        .await?;
    wrong.refused(405, "MethodNotAllowed")?;
    let wrong = ground
        .ask(Method::POST, "configmaps", "text/plain", &map("b"))
        .await?;
    wrong.refused(415, "UnsupportedMediaType")?;
    Ok(())
}

pub(super) async fn what_is_not_there_is_named(ground: Ground) -> Result<()> {
    let refused = ground
        .get("kafkatopics/a")
        .await?
        .refused(404, "NotFound")?;
    same(
        "message",
        &refused["message"],
        &"kafkatopics.millrace.dev \"a\" not found".into(),
    )?;
    let details = json!({"name": "a", "group": "millrace.dev", "kind": "kafkatopics"});
    same("details", &refused["details"], &details)?;
    ground
        .put("configmaps/a", &map("a"))
        .await?
        .refused(404, "NotFound")?;
    ground
        .patch("merge", "configmaps/a", &json!({}))
        .await?
        .refused(404, "NotFound")?;
    let nowhere = "/api/v1/namespaces/not-there-at-all/configmaps";
    let refused = ground
        .post(nowhere, &map("a"))
        .await?
        .refused(404, "NotFound")?;
    same(
        "details",
        &refused["details"],
        &json!({"name": "not-there-at-all", "kind": "namespaces"}),
    )?;
    let none = ground.get(nowhere).await?.done()?;
    same("items", &none["items"], &json!([]))
}

pub(super) async fn paths_and_bodies_must_agree(ground: Ground) -> Result<()> {
    ground.post("configmaps", &map("a")).await?.done()?;
    ground
        .put("configmaps/a", &map("b"))
        .await?
        .refused(400, "BadRequest")?;
    let mut elsewhere = map("c");
    elsewhere["metadata"]["namespace"] = "elsewhere".into();
    ground
        .post("configmaps", &elsewhere)
        .await?
        .refused(400, "BadRequest")?;
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "c"}});
    ground
        .post("configmaps", &secret)
        .await?
        .refused(400, "BadRequest")?;
    let mut old = map("c");
    old["apiVersion"] = "v0".into();
    ground
        .post("configmaps", &old)
        .await?
        .refused(400, "BadRequest")?;
    let typeless = json!({"metadata": {"name": "d"}, "data": {"k": "v"}});
    let made = ground.post("configmaps", &typeless).await?.with_code(201)?;
    same(
        "kind",
        &json!([made["kind"], made["apiVersion"]]),
        &json!(["ConfigMap", "v1"]),
    )
}

pub(super) async fn metadata_has_rules(ground: Ground) -> Result<()> {
    for (metadata, field) in [
        (json!({"name": "Upper"}), "metadata.name"),
        (
            json!({"name": "a", "labels": {"k": "not a label"}}),
            "metadata.labels",
        ),
        (
            json!({"name": "a", "annotations": {"k e y": ""}}),
            "metadata.annotations",
        ),
        (
            json!({"name": "a", "finalizers": ["not a name"]}),
            "metadata.finalizers",
        ),
        (
            json!({"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "", "uid": "u"}]}),
            "metadata.ownerReferences.name",
        ),
    ] {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
        let refused = ground
            .post("configmaps", &object)
            .await?
            .refused(422, "Invalid")?;
        let found = causes(&refused);
        ensure!(
            found.iter().all(|(at, _)| at.starts_with(field)) && !found.is_empty(),
            "{field}: {refused}"
        );
    }
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1a"},
        "spec": {"clusterIP": "None", "ports": [{"port": 1}]}});
    let refused = ground
        .post("services", &service)
        .await?
        .refused(422, "Invalid")?;
    ensure!(causes(&refused)[0].0 == "metadata.name", "{refused}");
    Ok(())
}

pub(super) async fn values_have_types(ground: Ground) -> Result<()> {
    let mut wrong = map("a");
    wrong["data"] = json!({"k": 1});
    let refused = ground
        .post("configmaps", &wrong)
        .await?
        .refused(400, "BadRequest")?;
    let message = text(&refused["message"]);
    ensure!(message.contains("cannot unmarshal number"), "{refused}");
    ground
        .ask(Method::POST, "configmaps", "application/json", &json!("{"))
        .await?
        .refused(400, "BadRequest")?;
    Ok(())
}
