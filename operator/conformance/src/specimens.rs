//! Objects that checks make.

use serde_json::{Value, json};

/// A ConfigMap with nothing in it.
pub(crate) fn map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
}

pub(crate) fn map_of(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

pub(crate) fn service(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec})
}

pub(crate) fn stateful_set(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name},
        "spec": {"serviceName": "none", "replicas": 0, "selector": {"matchLabels": {"x": name}},
            "template": {"metadata": {"labels": {"x": name}}, "spec": {"containers": [
                {"name": "one", "image": "i:1"}, {"name": "two", "image": "i:1"}]}}}})
}

/// A topic of the cluster `b`, with more in its spec.
pub(crate) fn topic(more: Value) -> Value {
    let spec = with(json!({"clusterRef": {"name": "b"}}), more);
    json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic", "metadata": {"name": "a"}, "spec": spec})
}

pub(crate) fn cluster(spec: Value) -> Value {
    json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": "a"}, "spec": spec})
}

/// A cluster with a pool of one broker, unless `more` says otherwise.
pub(crate) fn cluster_of_one(more: Value) -> Value {
    let pool = json!({"name": "all", "replicas": 1, "storage": {"ephemeral": {}}});
    cluster(with(json!({"nodePools": [pool]}), more))
}

fn with(mut object: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), more) {
        fields.extend(more);
    }
    object
}
