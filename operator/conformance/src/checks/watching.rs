//! Watches.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{same, text};
use crate::ground::Ground;
use crate::watching::Watching;

/// Selects what a check makes: namespaces have objects of their own.
const OURS: &str = "secrets?watch=true&timeoutSeconds=60&labelSelector=l";

fn secret(name: &str, label: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": {"l": label}}})
}

fn version(object: &Value) -> &str {
    text(&object["metadata"]["resourceVersion"])
}

pub(super) async fn a_watch_begins_with_what_is_there(ground: Ground) -> Result<()> {
    ground.post("secrets", &secret("a", "x")).await?.done()?;
    ground.post("secrets", &secret("b", "x")).await?.done()?;
    let mut watch = Watching::begin(&ground, OURS).await?;
    watch.expect("ADDED", "a").await?;
    watch.expect("ADDED", "b").await?;
    ground
        .patch("merge", "secrets/a", &json!({"stringData": {"k": "v"}}))
        .await?
        .done()?;
    watch.expect("MODIFIED", "a").await?;
    ground.delete("secrets/b", &Value::Null).await?.done()?;
    watch.expect("DELETED", "b").await
}

pub(super) async fn a_watch_goes_on_after_a_version(ground: Ground) -> Result<()> {
    let a = ground.post("secrets", &secret("a", "x")).await?.done()?;
    ground.post("secrets", &secret("b", "x")).await?.done()?;
    ground.delete("secrets/a", &Value::Null).await?.done()?;
    let mut watch =
        Watching::begin(&ground, &format!("{OURS}&resourceVersion={}", version(&a))).await?;
    watch.expect("ADDED", "b").await?;
    let gone = watch.next().await?.unwrap_or_default();
    same("type", &gone["type"], &"DELETED".into())?;
    let last = version(&gone["object"]).parse::<u64>()?;
    ensure!(last > version(&a).parse::<u64>()?, "{gone}");
    ground.post("secrets", &secret("c", "x")).await?.done()?;
    watch.expect("ADDED", "c").await
}

pub(super) async fn what_stops_matching_is_gone_for_who_selects(ground: Ground) -> Result<()> {
    ground.post("secrets", &secret("a", "x")).await?.done()?;
    let selected = "secrets?watch=true&timeoutSeconds=60&labelSelector=l%3Dx";
    let mut watch = Watching::begin(&ground, selected).await?;
    watch.expect("ADDED", "a").await?;
    let label = |label: &str| json!({"metadata": {"labels": {"l": label}}});
    ground
        .patch("merge", "secrets/a", &label("y"))
        .await?
        .done()?;
    let gone = watch.next().await?.unwrap_or_default();
    same("type", &gone["type"], &"DELETED".into())?;
    same(
        "as it was",
        &gone["object"]["metadata"]["labels"]["l"],
        &"x".into(),
    )?;
    ground
        .patch("merge", "secrets/a", &label("x"))
        .await?
        .done()?;
    watch.expect("ADDED", "a").await?;
    let named = "secrets?watch=true&timeoutSeconds=60&fieldSelector=metadata.name%3Db";
    let mut watch = Watching::begin(&ground, named).await?;
    ground.post("secrets", &secret("c", "x")).await?.done()?;
    ground.post("secrets", &secret("b", "x")).await?.done()?;
    watch.expect("ADDED", "b").await
}

pub(super) async fn initial_events_end_with_a_bookmark(ground: Ground) -> Result<()> {
    ground.post("secrets", &secret("a", "x")).await?.done()?;
    let streamed =
        "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let mut watch = Watching::begin(&ground, &format!("{OURS}&{streamed}")).await?;
    watch.expect("ADDED", "a").await?;
    let mark = watch.next().await?.unwrap_or_default();
    same("type", &mark["type"], &"BOOKMARK".into())?;
    same(
        "kind",
        &json!([mark["object"]["kind"], mark["object"]["apiVersion"]]),
        &json!(["Secret", "v1"]),
    )?;
    let end = &mark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"];
    same("annotation", end, &"true".into())?;
    ensure!(version(&mark["object"]).parse::<u64>()? > 0, "{mark}");
    ground.post("secrets", &secret("b", "x")).await?.done()?;
    watch.expect("ADDED", "b").await?;
    let wrong = "secrets?watch=true&sendInitialEvents=true&allowWatchBookmarks=true";
    ground.get(wrong).await?.refused(422, "Invalid")?;
    Ok(())
}

pub(super) async fn a_watch_from_the_past_has_expired(ground: Ground) -> Result<()> {
    // No API server remembers its first write after so much has happened; one that does sends it all.
    let mut watch = Watching::begin(&ground, &format!("{OURS}&resourceVersion=1")).await?;
    ground.post("secrets", &secret("a", "x")).await?.done()?;
    let first = watch.next().await?.unwrap_or_default();
    match first["type"].as_str() {
        Some("ERROR") => {
            same("code", &first["object"]["code"], &410.into())?;
            same("reason", &first["object"]["reason"], &"Expired".into())
        }
        _ => same("name", &first["object"]["metadata"]["name"], &"a".into()),
    }
}

pub(super) async fn a_watch_ends_in_time(ground: Ground) -> Result<()> {
    let short = "secrets?watch=true&timeoutSeconds=1&labelSelector=l";
    let mut watch = Watching::begin(&ground, short).await?;
    ensure!(watch.next().await?.is_none(), "something came");
    Ok(())
}
