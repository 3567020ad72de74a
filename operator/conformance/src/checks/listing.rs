//! Lists: pages, selectors, versions.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{same, text};
use crate::ground::Ground;

fn secret(name: &str, label: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": {"l": label}},
        "type": format!("x.y/{label}")})
}

async fn populate(ground: &Ground) -> Result<()> {
    for (name, label) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", "y"), ("e", "x")] {
        ground.post("secrets", &secret(name, label)).await?.done()?;
    }
    Ok(())
}

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().into_iter().flatten();
    items
        .map(|item| text(&item["metadata"]["name"]).to_owned())
        .collect()
}

pub(super) async fn pages_hold_the_list_as_it_was(ground: Ground) -> Result<()> {
    populate(&ground).await?;
    let first = ground.get("secrets?limit=2").await?.done()?;
    ensure!(names(&first) == ["a", "b"], "{first}");
    same(
        "kind",
        &json!([first["kind"], first["apiVersion"]]),
        &json!(["SecretList", "v1"]),
    )?;
    same(
        "remaining",
        &first["metadata"]["remainingItemCount"],
        &3.into(),
    )?;
    ground.delete("secrets/c", &Value::Null).await?.done()?;
    ground.post("secrets", &secret("bb", "x")).await?.done()?;
    let next = |page: &Value| {
        format!(
            "secrets?limit=2&continue={}",
            text(&page["metadata"]["continue"])
        )
    };
    let second = ground.get(&next(&first)).await?.done()?;
    ensure!(names(&second) == ["c", "d"], "{second}");
    same(
        "version",
        &second["metadata"]["resourceVersion"],
        &first["metadata"]["resourceVersion"],
    )?;
    let third = ground.get(&next(&second)).await?.done()?;
    ensure!(names(&third) == ["e"], "{third}");
    ensure!(text(&third["metadata"]["continue"]).is_empty(), "{third}");
    ground
        .get("secrets?limit=2&continue=nonsense")
        .await?
        .refused(400, "BadRequest")?;
    let version = text(&first["metadata"]["resourceVersion"]);
    let both = format!("{}&resourceVersion={version}", next(&first));
    ground.get(&both).await?.refused(400, "BadRequest")?;
    Ok(())
}

pub(super) async fn labels_and_fields_select(ground: Ground) -> Result<()> {
    populate(&ground).await?;
    for (query, expected) in [
        ("labelSelector=l%3Dx", vec!["a", "c", "e"]),
        ("labelSelector=l+notin+(x),l", vec!["b", "d"]),
        ("labelSelector=!l", vec![]),
        ("fieldSelector=metadata.name%3Dd", vec!["d"]),
        ("fieldSelector=metadata.name!%3Dd,type%3Dx.y/y", vec!["b"]),
        ("fieldSelector=type%3Dx.y/x&labelSelector=l%3Dy", vec![]),
    ] {
        let list = ground.get(&format!("secrets?{query}")).await?.done()?;
        ensure!(names(&list) == expected, "{query}: {list}");
    }
    ground
        .get("secrets?fieldSelector=data%3Dx")
        .await?
        .refused(400, "BadRequest")?;
    ground
        .get("secrets?labelSelector=a+b")
        .await?
        .refused(400, "BadRequest")?;
    let selected = ground
        .get("secrets?labelSelector=l%3Dx&limit=1")
        .await?
        .done()?;
    same(
        "remaining",
        &selected["metadata"]["remainingItemCount"],
        &Value::Null,
    )?;
    let everywhere = format!(
        "/api/v1/secrets?fieldSelector=metadata.namespace%3D{}",
        ground.namespace
    );
    let everywhere = ground
        .get(&format!("{everywhere}&labelSelector=l"))
        .await?
        .done()?;
    ensure!(names(&everywhere).len() == 5, "{everywhere}");
    let pods = ground
        .get("pods?fieldSelector=spec.nodeName%3Dx,status.phase!%3DFailed")
        .await?
        .done()?;
    ensure!(names(&pods).is_empty(), "{pods}");
    Ok(())
}

pub(super) async fn versions_are_as_asked(ground: Ground) -> Result<()> {
    populate(&ground).await?;
    let before = ground.get("secrets?labelSelector=l").await?.done()?;
    ground.delete("secrets/a", &Value::Null).await?.done()?;
    let version = text(&before["metadata"]["resourceVersion"]);
    let exact =
        format!("secrets?labelSelector=l&resourceVersion={version}&resourceVersionMatch=Exact");
    let exact = ground.get(&exact).await?.done()?;
    ensure!(names(&exact) == names(&before), "{exact}");
    same(
        "version",
        &exact["metadata"]["resourceVersion"],
        &version.into(),
    )?;
    let newer = format!(
        "secrets?labelSelector=l&resourceVersion={version}&resourceVersionMatch=NotOlderThan"
    );
    ground.get(&newer).await?.done()?;
    let latest = ground.get("secrets?labelSelector=l").await?.done()?;
    ensure!(names(&latest) == ["b", "c", "d", "e"], "{latest}");
    let future = "secrets?resourceVersion=1000000000000&resourceVersionMatch=NotOlderThan";
    let refused = ground.get(future).await?.refused(504, "Timeout")?;
    same(
        "cause",
        &refused["details"]["causes"][0]["reason"],
        &"ResourceVersionTooLarge".into(),
    )?;
    for wrong in [
        "secrets?resourceVersionMatch=Exact",
        "secrets?resourceVersion=0&resourceVersionMatch=Exact",
        "secrets?resourceVersion=1&resourceVersionMatch=Odd",
    ] {
        ground.get(wrong).await?.refused(422, "Invalid")?;
    }
    Ok(())
}

pub(super) async fn only_metadata_is_listed(ground: Ground) -> Result<()> {
    populate(&ground).await?;
    let media = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let list = ground
        .accepting(media, "secrets?labelSelector=l")
        .await?
        .done()?;
    let expected = json!(["PartialObjectMetadataList", "meta.k8s.io/v1"]);
    same(
        "kind",
        &json!([list["kind"], list["apiVersion"]]),
        &expected,
    )?;
    ensure!(names(&list).len() == 5, "{list}");
    ensure!(list["items"][0].get("type").is_none(), "{list}");
    let media = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let one = ground.accepting(media, "secrets/a").await?.done()?;
    same("kind", &one["kind"], &"PartialObjectMetadata".into())
}
