//! The schemas of built-in kinds that the API inside the process keeps to, made from what the API
//! server publishes. `MILLRACE_BLESS=1 cargo test -p millrace-kubernetes-tests --test api schemas` writes
//! them anew.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use millrace_golden::hold;
use millrace_kubernetes_tests::scenario;
use millrace_tests::tree::root;
use serde_json::{Map, Value};

const FILE: &str = "operator/local/schemas/built-in.json";

/// Documents of the API server, and the kinds of each.
const KINDS: &[(&str, &[&str])] = &[
    (
        "api/v1",
        &[
            "Pod",
            "PersistentVolumeClaim",
            "Service",
            "ConfigMap",
            "Secret",
            "ServiceAccount",
            "Node",
            "Namespace",
            "Event",
            "PersistentVolume",
        ],
    ),
    ("apis/apps/v1", &["StatefulSet"]),
    ("apis/autoscaling/v1", &["Scale"]),
    ("apis/policy/v1", &["PodDisruptionBudget"]),
    ("apis/networking.k8s.io/v1", &["NetworkPolicy"]),
    ("apis/coordination.k8s.io/v1", &["Lease"]),
    ("apis/events.k8s.io/v1", &["Event"]),
    ("apis/storage.k8s.io/v1", &["StorageClass"]),
];

/// What a schema says besides structure.
const PROSE: &[&str] = &[
    "description",
    "x-kubernetes-unions",
    "x-kubernetes-group-version-kind",
];

#[test]
fn schemas_of_built_in_kinds_are_the_api_servers() -> Result<()> {
    scenario("schemas", |cluster, _| {
        let mut all = BTreeMap::new();
        for (document, kinds) in KINDS {
            let path = format!("/openapi/v3/{document}");
            let text = cluster.kubectl().run(&["get", "--raw", &path])?;
            let document: Value = serde_json::from_str(&text)?;
            let schemas = document["components"]["schemas"].as_object();
            collect(schemas.context("a document has schemas")?, kinds, &mut all);
        }
        let lines = all
            .iter()
            .map(|(name, schema)| format!("{name:?}:{schema}"));
        let text = format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n"));
        hold(root().join(FILE), &text);
        Ok(())
    })
}

/// The schemas of these kinds and all that they refer to.
fn collect(schemas: &Map<String, Value>, kinds: &[&str], all: &mut BTreeMap<String, Value>) {
    let is_wanted = |schema: &Value| {
        let meant = schema["x-kubernetes-group-version-kind"].as_array();
        let mut meant = meant
            .into_iter()
            .flatten()
            .filter_map(|one| one["kind"].as_str());
        meant.any(|kind| kinds.contains(&kind))
    };
    let wanted = schemas.iter().filter(|(_, schema)| is_wanted(schema));
    let mut left: Vec<String> = wanted.map(|(name, _)| name.clone()).collect();
    while let Some(name) = left.pop() {
        let Some(schema) = schemas.get(&name).filter(|_| !all.contains_key(&name)) else {
            continue;
        };
        let bare = bare(schema);
        references(&bare, &mut left);
        all.insert(name, bare);
    }
}

/// A schema without prose and without defaults that mean nothing.
fn bare(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else {
        return match schema {
            Value::Array(items) => items.iter().map(bare).collect(),
            plain => plain.clone(),
        };
    };
    let empty = |value: &Value| {
        let empty = [
            Value::from(""),
            Value::from(0),
            Value::Bool(false),
            Value::Object(Map::new()),
        ];
        empty.contains(value)
    };
    let kept = keywords.iter().filter(|(name, value)| {
        let says_nothing = *name == "default" && empty(value);
        !PROSE.contains(&name.as_str()) && !says_nothing
    });
    let kept = kept.map(|(name, value)| {
        let value = match (name.as_str(), value.as_object()) {
            ("properties", Some(fields)) => {
                let fields = fields
                    .iter()
                    .map(|(name, schema)| (name.clone(), bare(schema)));
                Value::Object(fields.collect())
            }
            _ => bare(value),
        };
        (name.clone(), value)
    });
    let kept: Map<String, Value> = kept.collect();
    match kept
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([only]) if kept.len() == 1 => only.clone(),
        _ => Value::Object(kept),
    }
}

fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(keywords) => {
            for (name, value) in keywords {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(reference) => {
                        found.extend(reference.rsplit('/').next().map(str::to_owned));
                    }
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
