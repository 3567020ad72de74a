//! What is printed of an object is what the real API server has printed of it: objects of a cluster,
//! some made for that, are copied as they are and shown by both.

use std::fs;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Kubectl, scenario};
use millrace_local::Kind;
use serde_json::{Value, json};

use crate::stage::{Stage, narrow};

const OBJECTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/suites/kubectl/objects.yaml");
/// Objects of others change while they are compared; so often that is tried again.
const TRIES: usize = 10;

#[test]
fn tables_are_those_of_the_real_api_server() -> Result<()> {
    scenario("printed", |cluster, namespace| {
        let kubectl = cluster.kubectl();
        let text = fs::read_to_string(OBJECTS)?;
        kubectl.apply(&text, &["--namespace", namespace])?;
        for (pod, status) in statuses() {
            let named = ["pod", pod, "--namespace", namespace, "--subresource=status"];
            kubectl.patch(&named, &json!({"status": status}))?;
        }
        let mut compared = 0;
        for kind in millrace_local::kinds() {
            // The cluster need not have the project's kinds; tests of their own look at them.
            if kind.group != "millrace.dev" {
                compared += compare(kubectl, kind, namespace)?;
            }
        }
        ensure!(compared > 20, "only {compared} objects were compared");
        Ok(())
    })
}

/// What no scheduler and no kubelet makes of pods here.
fn statuses() -> Vec<(&'static str, Value)> {
    let container = |name: &str, ready: bool, state: Value| {
        json!({"name": name, "ready": ready, "restartCount": 3, "image": "i", "imageID": "",
            "state": state, "started": ready,
            "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:00Z"}}})
    };
    let running = || json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
    let waiting = |reason: &str| json!({"waiting": {"reason": reason}});
    let ended =
        |code: i32, reason: &str| json!({"terminated": {"exitCode": code, "reason": reason}});
    vec![
        (
            "running",
            json!({"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [container("a", true, running()), container("b", true, running())]}),
        ),
        (
            "crashing",
            json!({"phase": "Running", "containerStatuses":
            [container("a", false, waiting("CrashLoopBackOff")), container("b", true, running())]}),
        ),
        (
            "killed",
            json!({"phase": "Running", "containerStatuses":
            [container("a", false, ended(137, "OOMKilled")), container("b", false, ended(3, ""))]}),
        ),
        (
            "half",
            json!({"phase": "Running", "containerStatuses":
            [container("a", false, ended(0, "Completed")), container("b", true, running())]}),
        ),
        (
            "over",
            json!({"phase": "Succeeded", "containerStatuses":
            [container("a", false, ended(0, "Completed")), container("b", false, ended(0, "Completed"))]}),
        ),
        ("evicted", json!({"phase": "Failed", "reason": "Evicted"})),
        (
            "beginning",
            json!({"phase": "Pending",
            "initContainerStatuses": [container("s", true, running()), container("i", false, waiting("PodInitializing"))],
            "containerStatuses": [container("a", false, waiting("PodInitializing"))]}),
        ),
        (
            "stuck",
            json!({"phase": "Pending",
            "initContainerStatuses": [container("s", true, running()), container("i", false, ended(2, "Error"))],
            "containerStatuses": [container("a", false, waiting("PodInitializing"))]}),
        ),
        (
            "begun",
            json!({"phase": "Running",
            "conditions": [{"type": "Initialized", "status": "True"}, {"type": "custom/gate", "status": "True"}],
            "initContainerStatuses": [container("s", true, running()), container("i", true, ended(0, "Completed"))],
            "containerStatuses": [container("a", true, running())]}),
        ),
    ]
}

/// How many objects of the kind are printed alike.
fn compare(cluster: &Kubectl, kind: &Kind, namespace: &str) -> Result<usize> {
    let named = resource(kind.plural, kind.group);
    // Events are one kind seen in two ways; here they are stored as the newer one.
    let stored = match kind.kind {
        "Event" => resource(kind.plural, "events.k8s.io"),
        _ => named.clone(),
    };
    let scope = if kind.namespaced {
        format!(" --namespace {namespace}")
    } else {
        String::new()
    };
    let line = format!("get {named}{scope} --sort-by=.metadata.name -o wide");
    let table: Vec<&str> = line.split(' ').collect();
    let list = format!("get {stored}{scope}");
    let list: Vec<&str> = list.split(' ').collect();
    let mut tried = Vec::new();
    for _ in 0..TRIES {
        let objects = cluster.json(&list)?;
        let real = without_ages(&cluster.run(&table)?);
        let stage = Stage::new()?;
        let items = objects["items"].as_array().context("a list has items")?;
        for item in items {
            copy(&stage, kind, item).with_context(|| named.clone())?;
        }
        let ours = without_ages(&stage.says(&mut stage.command(&line))?.out);
        if ours == real {
            return Ok(items.len());
        }
        tried = vec![ours, real];
    }
    let [ours, real] = tried.as_slice() else {
        return Ok(0);
    };
    anyhow::bail!("{line}\nours: {ours:#?}\nreal: {real:#?}");
}

fn copy(stage: &Stage, kind: &Kind, object: &Value) -> Result<()> {
    let metadata = &object["metadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default();
    if stage
        .api
        .object(kind.kind, text("namespace"), text("name"))
        .is_none()
    {
        let mut new = object.clone();
        for field in ["uid", "resourceVersion", "managedFields", "generation"] {
            new["metadata"]
                .as_object_mut()
                .context("metadata")?
                .remove(field);
        }
        stage.api.create(new)?;
    }
    stage
        .api
        .edit(kind.kind, text("namespace"), text("name"), |new| {
            for field in ["spec", "status"] {
                if !object[field].is_null() {
                    new[field] = object[field].clone();
                }
            }
        })?;
    Ok(())
}

fn resource(plural: &str, group: &str) -> String {
    if group.is_empty() {
        return plural.to_owned();
    }
    format!("{plural}.{group}")
}

/// Ages differ by the time between the two commands, and by what is kept of the time of creation.
fn without_ages(table: &str) -> Vec<Vec<String>> {
    let is_age = |cell: &str| {
        let units = cell.trim_end_matches(" ago");
        units.ends_with(['s', 'm', 'h', 'd', 'y'])
            && units.starts_with(|first: char| first.is_ascii_digit())
            && units
                .chars()
                .all(|at| at.is_ascii_digit() || "smhdy".contains(at))
    };
    let mut rows = narrow(table);
    for cell in rows.iter_mut().flatten() {
        if is_age(cell) {
            "AGE".clone_into(cell);
        } else if let Some((count, _)) = cell.split_once(" (").filter(|_| cell.ends_with(" ago)")) {
            *cell = format!("{count} (AGE)");
        }
    }
    rows
}
