//! Schemas of everything that is served, one document per group and version. Kubernetes' own kinds have
//! theirs from the types of its client library, the project's kinds from their definitions. Pure.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use bytes::Bytes;
use k8s_openapi::api;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use millrace_local::definitions;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::resource::{Resource, resources};

/// What every path takes beside its own.
const PARAMETERS: &[&str] = &["dryRun", "fieldManager", "fieldValidation", "pretty"];
/// Where schemas lie in a document.
const SCHEMAS: &str = "#/components/schemas/";

/// The schemas of one group and version.
pub(crate) struct Document {
    /// As the index names it: `api/v1`, `apis/apps/v1`.
    pub(crate) path: String,
    pub(crate) body: Bytes,
    /// Changes with the body, so that clients may keep what they have read.
    pub(crate) hash: String,
}

/// Every document. They are the same as long as the program runs.
pub(crate) fn documents() -> &'static [Document] {
    static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| {
        let mut paths: Vec<String> = resources().map(|kind| path(&kind)).collect();
        paths.sort();
        paths.dedup();
        paths.into_iter().map(document).collect()
    });
    &DOCUMENTS
}

/// `/openapi/v3`.
pub(crate) fn index() -> Value {
    let paths: Map<String, Value> = documents()
        .iter()
        .map(|document| {
            let url = format!("/openapi/v3/{}?hash={}", document.path, document.hash);
            (document.path.clone(), json!({"serverRelativeURL": url}))
        })
        .collect();
    json!({"paths": paths})
}

fn path(kind: &Resource) -> String {
    let root = if kind.group.is_empty() { "api" } else { "apis" };
    format!("{root}/{}", kind.api_version())
}

fn document(at: String) -> Document {
    let mut generator = SchemaSettings::openapi3().into_generator();
    let mut paths = Map::new();
    let mut own = Map::new();
    for kind in resources().filter(|kind| path(kind) == at) {
        paths.extend(operations(&kind));
        let (name, schema) = schema(&kind, &mut generator);
        own.insert(name, schema);
    }
    let mut schemas: Map<String, Value> = generator.take_definitions(true);
    for (name, schema) in own {
        schemas.insert(name, schema);
    }
    let body = json!({
        "openapi": "3.0.0",
        "info": {"title": "Millrace", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"schemas": schemas},
    });
    let body = Bytes::from(body.to_string());
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    Document {
        path: at,
        hash: format!("{:016X}", hasher.finish()),
        body,
    }
}

/// What clients look up before they write: where a kind lies and what its patches take.
fn operations(kind: &Resource) -> [(String, Value); 2] {
    let identity = identity(kind);
    let parameters: Vec<Value> = PARAMETERS
        .iter()
        .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}))
        .collect();
    let operation = |action: &str| {
        json!({
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": identity,
            "parameters": parameters, "responses": {"200": {"description": "OK"}},
        })
    };
    let served = |all: &[(&str, &str, &str)]| -> Value {
        let served = all.iter().filter(|(verb, ..)| kind.verbs.contains(verb));
        let served = served.map(|(_, method, action)| ((*method).to_owned(), operation(action)));
        Value::Object(served.collect())
    };
    let scope = if kind.namespaced {
        "/namespaces/{namespace}"
    } else {
        ""
    };
    let all = format!("/{}{scope}/{}", path(kind), kind.plural);
    let one = format!("{all}/{{name}}");
    [
        (
            all,
            served(&[("list", "get", "list"), ("create", "post", "post")]),
        ),
        (
            one,
            served(&[
                ("get", "get", "get"),
                ("update", "put", "put"),
                ("patch", "patch", "patch"),
                ("delete", "delete", "delete"),
            ]),
        ),
    ]
}

fn identity(kind: &Resource) -> Value {
    json!({"group": kind.group, "version": kind.version, "kind": kind.kind})
}

/// A kind's schema and what it is called.
fn schema(kind: &Resource, generator: &mut SchemaGenerator) -> (String, Value) {
    let (name, mut schema) = match builtin(kind, generator) {
        Some(reference) => resolved(&reference, generator),
        None => defined(kind, generator),
    };
    schema["x-kubernetes-group-version-kind"] = json!([identity(kind)]);
    (name, schema)
}

/// What a reference of the generator stands for.
fn resolved(reference: &Schema, generator: &SchemaGenerator) -> (String, Value) {
    let target = reference.get("$ref").and_then(Value::as_str);
    let name = target.and_then(|target| target.strip_prefix(SCHEMAS));
    let name = name.unwrap_or_default();
    let schema = generator.definitions().get(name);
    (name.to_owned(), schema.cloned().unwrap_or_default())
}

/// The definition's schema, with what every object has.
fn defined(kind: &Resource, generator: &mut SchemaGenerator) -> (String, Value) {
    let name = format!("dev.millrace.{}.{}", kind.version, kind.kind);
    let mut definition = definitions().iter().filter(|known| {
        (known.spec.group.as_str(), known.spec.names.kind.as_str()) == (kind.group, kind.kind)
    });
    let schema = definition
        .next()
        .and_then(|known| {
            known
                .spec
                .versions
                .iter()
                .find(|version| version.name == kind.version)
        })
        .and_then(|version| version.schema.as_ref()?.open_api_v3_schema.as_ref());
    let mut schema = serde_json::to_value(schema).unwrap_or_default();
    if !schema.is_object() {
        schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    }
    let metadata = generator.subschema_for::<ObjectMeta>();
    let properties = &mut schema["properties"];
    properties["apiVersion"] = json!({"type": "string", "description": "The group and version."});
    properties["kind"] = json!({"type": "string", "description": "The kind."});
    properties["metadata"] = metadata.to_value();
    (name, schema)
}

/// The schema of one of Kubernetes' own kinds.
fn builtin(kind: &Resource, generator: &mut SchemaGenerator) -> Option<Schema> {
    Some(match (kind.group, kind.kind) {
        ("", "Pod") => generator.subschema_for::<api::core::v1::Pod>(),
        ("", "Service") => generator.subschema_for::<api::core::v1::Service>(),
        ("", "ConfigMap") => generator.subschema_for::<api::core::v1::ConfigMap>(),
        ("", "Secret") => generator.subschema_for::<api::core::v1::Secret>(),
        ("", "ServiceAccount") => generator.subschema_for::<api::core::v1::ServiceAccount>(),
        ("", "PersistentVolumeClaim") => {
            generator.subschema_for::<api::core::v1::PersistentVolumeClaim>()
        }
        ("", "PersistentVolume") => generator.subschema_for::<api::core::v1::PersistentVolume>(),
        ("", "Node") => generator.subschema_for::<api::core::v1::Node>(),
        ("", "Namespace") => generator.subschema_for::<api::core::v1::Namespace>(),
        ("", "Event") => generator.subschema_for::<api::core::v1::Event>(),
        ("events.k8s.io", "Event") => generator.subschema_for::<api::events::v1::Event>(),
        ("apps", "StatefulSet") => generator.subschema_for::<api::apps::v1::StatefulSet>(),
        ("policy", "PodDisruptionBudget") => {
            generator.subschema_for::<api::policy::v1::PodDisruptionBudget>()
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            generator.subschema_for::<api::networking::v1::NetworkPolicy>()
        }
        ("coordination.k8s.io", "Lease") => {
            generator.subschema_for::<api::coordination::v1::Lease>()
        }
        ("storage.k8s.io", "StorageClass") => {
            generator.subschema_for::<api::storage::v1::StorageClass>()
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            generator.subschema_for::<CustomResourceDefinition>()
        }
        _ => return None,
    })
}
