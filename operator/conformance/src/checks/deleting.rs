//! Deleting: finalizers, preconditions, owners and namespaces.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::answer::{same, text};
use crate::ground::Ground;
use crate::specimens::map;
use crate::watching::Watching;

fn owned(name: &str, owners: &[&Value]) -> Value {
    let references = owners.iter().map(|owner| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"], "blockOwnerDeletion": true})
    });
    let mut map = map(name);
    map["metadata"]["ownerReferences"] = references.collect();
    map
}

fn options(propagation: &str) -> Value {
    json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation})
}

/// Waits until an object is gone: who collects garbage may take a moment.
async fn gone(ground: &Ground, path: &str) -> Result<()> {
    let (plural, name) = path.split_once('/').unwrap_or_default();
    let all = format!("{plural}?fieldSelector=metadata.name={name}");
    let list = ground.get(&all).await?.done()?;
    if list["items"] == json!([]) {
        return Ok(());
    }
    let version = text(&list["metadata"]["resourceVersion"]);
    let watch = format!("{all}&watch=true&timeoutSeconds=60&resourceVersion={version}");
    let mut watch = Watching::begin(ground, &watch).await?;
    while watch.change().await?.0 != "DELETED" {}
    Ok(())
}

pub(super) async fn a_finalizer_holds_an_object(ground: Ground) -> Result<()> {
    let mut held = map("a");
    held["metadata"]["finalizers"] = json!(["x.y/z"]);
    ground.post("configmaps", &held).await?.done()?;
    let going = ground.delete("configmaps/a", &Value::Null).await?.done()?;
    let metadata = &going["metadata"];
    ensure!(metadata["deletionTimestamp"].is_string(), "{going}");
    same("grace", &metadata["deletionGracePeriodSeconds"], &0.into())?;
    let again = ground.delete("configmaps/a", &Value::Null).await?.done()?;
    same("again", &again, &going)?;
    let stubborn = json!({"metadata": {"deletionTimestamp": null}});
    let still = ground
        .patch("merge", "configmaps/a", &stubborn)
        .await?
        .done()?;
    same(
        "still",
        &still["metadata"]["deletionTimestamp"],
        &metadata["deletionTimestamp"],
    )?;
    let free = json!({"metadata": {"finalizers": null}});
    ground.patch("merge", "configmaps/a", &free).await?.done()?;
    ground.get("configmaps/a").await?.refused(404, "NotFound")?;
    Ok(())
}

pub(super) async fn nothing_new_holds_what_is_going(ground: Ground) -> Result<()> {
    let mut held = map("a");
    held["metadata"]["finalizers"] = json!(["x.y/z"]);
    ground.post("configmaps", &held).await?.done()?;
    ground.delete("configmaps/a", &Value::Null).await?.done()?;
    let more = json!({"metadata": {"finalizers": ["x.y/z", "x.y/more"]}});
    let refused = ground
        .patch("merge", "configmaps/a", &more)
        .await?
        .refused(422, "Invalid")?;
    same(
        "field",
        &refused["details"]["causes"][0]["field"],
        &"metadata.finalizers".into(),
    )?;
    let free = json!({"metadata": {"finalizers": []}});
    ground.patch("merge", "configmaps/a", &free).await?.done()?;
    Ok(())
}

pub(super) async fn preconditions_guard_a_deletion(ground: Ground) -> Result<()> {
    let made = ground.post("configmaps", &map("a")).await?.done()?;
    let guard = |field: &str, value: &Value| json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {field: value}});
    let other = "00000000-0000-0000-0000-000000000000".into();
    ground
        .delete("configmaps/a", &guard("uid", &other))
        .await?
        .refused(409, "Conflict")?;
    ground
        .delete("configmaps/a", &guard("resourceVersion", &"1".into()))
        .await?
        .refused(409, "Conflict")?;
    let uid = &made["metadata"]["uid"];
    let done = ground
        .delete("configmaps/a", &guard("uid", uid))
        .await?
        .done()?;
    same("status", &done["status"], &"Success".into())?;
    same(
        "details",
        &done["details"],
        &json!({"name": "a", "kind": "configmaps", "uid": uid}),
    )?;
    ground
        .delete("configmaps/a", &Value::Null)
        .await?
        .refused(404, "NotFound")?;
    Ok(())
}

pub(super) async fn dependents_go_after_their_owner(ground: Ground) -> Result<()> {
    let owner = ground.post("configmaps", &map("owner")).await?.done()?;
    let child = ground
        .post("configmaps", &owned("child", &[&owner]))
        .await?
        .done()?;
    ground
        .post("configmaps", &owned("grandchild", &[&child]))
        .await?
        .done()?;
    let done = ground
        .delete("configmaps/owner", &options("Background"))
        .await?
        .done()?;
    same("status", &done["status"], &"Success".into())?;
    gone(&ground, "configmaps/child").await?;
    gone(&ground, "configmaps/grandchild").await
}

pub(super) async fn dependents_go_before_their_owner(ground: Ground) -> Result<()> {
    let owner = ground.post("configmaps", &map("owner")).await?.done()?;
    let mut child = owned("child", &[&owner]);
    child["metadata"]["finalizers"] = json!(["x.y/z"]);
    ground.post("configmaps", &child).await?.done()?;
    let waits = ground
        .delete("configmaps/owner", &options("Foreground"))
        .await?
        .done()?;
    same(
        "finalizers",
        &waits["metadata"]["finalizers"],
        &json!(["foregroundDeletion"]),
    )?;
    let watch = "configmaps?watch=true&timeoutSeconds=60&fieldSelector=metadata.name=child";
    let mut watch = Watching::begin(&ground, watch).await?;
    while let Some(event) = watch.next().await? {
        if event["object"]["metadata"]["deletionTimestamp"].is_string() {
            break;
        }
    }
    ground.get("configmaps/owner").await?.done()?;
    ground
        .patch(
            "merge",
            "configmaps/child",
            &json!({"metadata": {"finalizers": null}}),
        )
        .await?
        .done()?;
    gone(&ground, "configmaps/owner").await
}

pub(super) async fn orphans_stay(ground: Ground) -> Result<()> {
    let owner = ground.post("configmaps", &map("owner")).await?.done()?;
    ground
        .post("configmaps", &owned("child", &[&owner]))
        .await?
        .done()?;
    ground
        .delete("configmaps/owner", &options("Orphan"))
        .await?
        .done()?;
    gone(&ground, "configmaps/owner").await?;
    let child = ground.get("configmaps/child").await?.done()?;
    same(
        "owners",
        &child["metadata"]["ownerReferences"],
        &Value::Null,
    )
}

pub(super) async fn a_dependent_of_two_stays_with_one(ground: Ground) -> Result<()> {
    let one = ground.post("configmaps", &map("one")).await?.done()?;
    let two = ground.post("configmaps", &map("two")).await?.done()?;
    ground
        .post("configmaps", &owned("child", &[&one, &two]))
        .await?
        .done()?;
    ground
        .delete("configmaps/one", &options("Background"))
        .await?
        .done()?;
    let watch = "configmaps?watch=true&timeoutSeconds=60&fieldSelector=metadata.name=child";
    let mut watch = Watching::begin(&ground, watch).await?;
    while let Some(event) = watch.next().await? {
        let owners = event["object"]["metadata"]["ownerReferences"].as_array();
        if owners.is_some_and(|owners| owners.len() == 1) {
            break;
        }
    }
    ground
        .delete("configmaps/two", &options("Background"))
        .await?
        .done()?;
    gone(&ground, "configmaps/child").await
}

pub(super) async fn a_collection_goes_by_its_labels(ground: Ground) -> Result<()> {
    for (name, label) in [("a", "x"), ("b", "x"), ("c", "y")] {
        let mut map = map(name);
        map["metadata"]["labels"] = json!({"l": label});
        ground.post("configmaps", &map).await?.done()?;
    }
    ground
        .delete("configmaps?labelSelector=l%3Dx", &Value::Null)
        .await?
        .done()?;
    let left = ground.get("configmaps?labelSelector=l").await?.done()?;
    let names: Vec<&Value> = left["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["metadata"]["name"])
        .collect();
    same("left", &json!(names), &json!(["c"]))
}

pub(super) async fn a_namespace_empties_itself(ground: Ground) -> Result<()> {
    let name = format!("{}-inner", ground.namespace);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let made = ground
        .post("/api/v1/namespaces", &namespace)
        .await?
        .with_code(201)?;
    same(
        "label",
        &made["metadata"]["labels"]["kubernetes.io/metadata.name"],
        &name.as_str().into(),
    )?;
    same("phase", &made["status"]["phase"], &"Active".into())?;
    same(
        "finalizers",
        &made["spec"]["finalizers"],
        &json!(["kubernetes"]),
    )?;
    let inside = |rest: &str| format!("/api/v1/namespaces/{name}/configmaps{rest}");
    let mut held = map("a");
    held["metadata"]["finalizers"] = json!(["x.y/z"]);
    ground.post(&inside(""), &held).await?.done()?;
    ground.post(&inside(""), &map("b")).await?.done()?;
    let path = format!("/api/v1/namespaces/{name}");
    ground.delete(&path, &Value::Null).await?.done()?;
    let going = ground.get(&path).await?.done()?;
    same("phase", &going["status"]["phase"], &"Terminating".into())?;
    let refused = ground
        .post(&inside(""), &map("late"))
        .await?
        .refused(403, "Forbidden")?;
    same(
        "cause",
        &refused["details"]["causes"][0]["reason"],
        &"NamespaceTerminating".into(),
    )?;
    let version = text(&going["metadata"]["resourceVersion"]);
    let all = format!("/api/v1/namespaces?fieldSelector=metadata.name={name}");
    let watch = format!("{all}&watch=true&timeoutSeconds=60&resourceVersion={version}");
    let mut watch = Watching::begin(&ground, &watch).await?;
    let free = json!({"metadata": {"finalizers": null}});
    ground.patch("merge", &inside("/a"), &free).await?.done()?;
    while watch.change().await?.0 != "DELETED" {}
    ground.get(&inside("/b")).await?.refused(404, "NotFound")?;
    ground
        .post(&inside(""), &map("later"))
        .await?
        .refused(404, "NotFound")?;
    Ok(())
}
