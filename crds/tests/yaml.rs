//! The YAML that clusters install is made from the types and committed, once by itself and once in its
//! chart. `MILLRACE_BLESS=1 cargo test -p millrace-crds --test yaml` writes it anew.

use std::path::{Path, PathBuf};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use millrace_crds::{KafkaCluster, KafkaTopic};
use millrace_golden::hold;
use serde_json::Value;

/// Where copies lie, from the root of the repository.
const FOLDERS: &[&str] = &["crds/yaml", "charts/millrace-crds/templates"];

const HEADER: &str = "# Made from the types in crds/src: edit those.\n";

fn definitions() -> [CustomResourceDefinition; 2] {
    [KafkaCluster::crd(), KafkaTopic::crd()]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn yaml(definition: &CustomResourceDefinition) -> String {
    let text = serde_yaml::to_string(definition).expect("a definition is YAML");
    format!("{HEADER}{text}")
}

fn schema(definition: &CustomResourceDefinition) -> Value {
    let value = serde_json::to_value(definition).expect("a definition is JSON");
    value["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

#[test]
fn the_committed_yaml_is_what_the_types_say() {
    for definition in definitions() {
        let expected = yaml(&definition);
        for folder in FOLDERS {
            let name = format!("{}.yaml", definition.spec.names.plural);
            hold(root().join(folder).join(name), &expected);
        }
    }
}

/// A template engine must have nothing to do in them.
#[test]
fn the_yaml_is_a_template_of_itself() {
    for definition in definitions() {
        assert!(!yaml(&definition).contains("{{"));
    }
}

/// The API server warns of formats that it does not know, and refuses some combinations.
#[test]
fn the_schema_is_one_that_the_api_server_likes() {
    const FORMATS: &[&str] = &["int32", "int64", "date-time", "double"];
    for definition in definitions() {
        walk("", &schema(&definition), &mut |path, schema| {
            if let Some(format) = schema.get("format") {
                let format = format.as_str().unwrap_or_default();
                assert!(FORMATS.contains(&format), "{path}: format {format}");
            }
            assert!(schema.get("anyOf").is_none(), "{path}: anyOf");
            assert!(schema.get("oneOf").is_none(), "{path}: oneOf");
        });
    }
}

/// `kubectl explain` shows these, and it is all that many users read.
#[test]
fn every_field_of_ours_is_described() {
    for definition in definitions() {
        let schema = schema(&definition);
        for part in ["spec", "status"] {
            let fields = schema["properties"][part]["properties"]
                .as_object()
                .expect("fields");
            for (name, field) in fields {
                let described = field.get("description").is_some();
                assert!(described, "{}.{part}.{name}", definition.spec.names.plural);
            }
        }
    }
}

fn walk(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, field) in properties {
            walk(&format!("{path}.{name}"), field, visit);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema) = schema.get(inner) {
            walk(&format!("{path}[]"), schema, visit);
        }
    }
}
