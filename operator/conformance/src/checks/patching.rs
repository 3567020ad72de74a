//! Patching: merge patches, JSON patches and strategic merge patches.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::same;
use crate::ground::Ground;
use crate::specimens::{map_of, service, stateful_set, topic};

pub(super) async fn patches_of_every_kind_change_what_they_name(ground: Ground) -> Result<()> {
    ground
        .post(
            "configmaps",
            &map_of("a", json!({"a": "1", "b": "2", "c": "3"})),
        )
        .await?
        .done()?;
    let merge = json!({"data": {"a": null, "b": "4"}});
    let found = ground
        .patch("merge", "configmaps/a", &merge)
        .await?
        .done()?;
    same("merge", &found["data"], &json!({"b": "4", "c": "3"}))?;
    let steps = json!([{"op": "test", "path": "/data/b", "value": "4"},
        {"op": "remove", "path": "/data/c"}, {"op": "add", "path": "/data/d", "value": "5"}]);
    let found = ground.patch("json", "configmaps/a", &steps).await?.done()?;
    same("json", &found["data"], &json!({"b": "4", "d": "5"}))?;
    let wrong = json!([{"op": "test", "path": "/data/b", "value": "1"}]);
    ground
        .patch("json", "configmaps/a", &wrong)
        .await?
        .refused(422, "Invalid")?;
    let strategic = json!({"data": {"b": null, "e": "6"}});
    let found = ground
        .patch("strategic-merge", "configmaps/a", &strategic)
        .await?
        .done()?;
    same("strategic", &found["data"], &json!({"d": "5", "e": "6"}))?;
    let refused = ground.patch("odd", "configmaps/a", &json!({})).await?;
    refused.refused(415, "UnsupportedMediaType")?;
    let topic = topic(json!({}));
    ground.post("kafkatopics", &topic).await?.done()?;
    let refused = ground
        .patch("strategic-merge", "kafkatopics/a", &json!({}))
        .await?;
    refused.refused(415, "UnsupportedMediaType")?;
    Ok(())
}

pub(super) async fn a_strategic_patch_merges_lists_by_their_keys(ground: Ground) -> Result<()> {
    ground
        .post("statefulsets", &stateful_set("a"))
        .await?
        .done()?;
    let containers = |list: Value| json!({"spec": {"template": {"spec": {"containers": list}}}});
    let images = |set: &Value| -> Value {
        let list = set["spec"]["template"]["spec"]["containers"]
            .as_array()
            .cloned();
        let pairs = list.unwrap_or_default().into_iter();
        pairs
            .map(|one| json!([one["name"], one["image"]]))
            .collect::<Vec<_>>()
            .into()
    };
    let patch = containers(json!([{"name": "two", "image": "i:2"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same(
        "merged",
        &images(&set),
        &json!([["one", "i:1"], ["two", "i:2"]]),
    )?;
    let patch = containers(json!([{"name": "one", "$patch": "delete"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same("deleted", &images(&set), &json!([["two", "i:2"]]))?;
    let patch = containers(json!([{"$patch": "replace"}, {"name": "three", "image": "i:3"}]));
    let set = ground
        .patch("strategic-merge", "statefulsets/a", &patch)
        .await?
        .done()?;
    same("replaced", &images(&set), &json!([["three", "i:3"]]))
}

pub(super) async fn ports_are_merged_by_their_number(ground: Ground) -> Result<()> {
    ground
        .post(
            "services",
            &service(json!({"clusterIP": "None", "ports": [{"name": "p", "port": 1}, {"name": "q", "port": 2}]})),
        )
        .await?
        .done()?;
    let patch = json!({"spec": {"ports": [{"port": 2, "name": "r"}, {"port": 3, "name": "s"}]}});
    let found = ground
        .patch("strategic-merge", "services/a", &patch)
        .await?
        .done()?;
    let ports = found["spec"]["ports"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut ports: Vec<(u64, String)> = ports
        .iter()
        .map(|port| {
            (
                port["port"].as_u64().unwrap_or_default(),
                port["name"].to_string(),
            )
        })
        .collect();
    ports.sort();
    let named = |name: &str| format!("{name:?}");
    ensure!(
        ports == [(1, named("p")), (2, named("r")), (3, named("s"))],
        "{found}"
    );
    Ok(())
}
