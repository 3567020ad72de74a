//! The resources that tests apply.

use serde_json::{Value, json};

/// A cluster whose records outlive its pods, with `more` in its spec.
pub(crate) fn cluster(name: &str, more: Value) -> Value {
    let storage = json!({"persistent": {"size": "1Gi", "deleteClaim": true}});
    resource("KafkaCluster", name, merged(pools(storage), more))
}

/// A cluster that starts faster and forgets.
pub(crate) fn scratch(name: &str, more: Value) -> Value {
    let storage = json!({"ephemeral": {}});
    resource("KafkaCluster", name, merged(pools(storage), more))
}

pub(crate) fn pool(storage: Value) -> Value {
    let requests = json!({"cpu": "50m", "memory": "64Mi"});
    json!({"name": "all", "replicas": 1, "storage": storage, "resources": {"requests": requests}})
}

fn pools(storage: Value) -> Value {
    json!({"nodePools": [pool(storage)]})
}

/// A topic of `cluster`, with `more` in its spec.
pub(crate) fn topic(name: &str, cluster: &str, more: Value) -> Value {
    let home = json!({"clusterRef": {"name": cluster}});
    resource("KafkaTopic", name, merged(home, more))
}

fn resource(kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "millrace.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    })
}

fn merged(mut base: Value, more: Value) -> Value {
    if let (Some(base), Value::Object(more)) = (base.as_object_mut(), more) {
        base.extend(more);
    }
    base
}
