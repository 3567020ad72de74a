//! Clusters and topics as users write them.

use serde_json::{Value, json};

/// A cluster of one broker.
pub(crate) fn cluster(namespace: &str, name: &str, spec: Value) -> Value {
    let mut whole = json!({"nodePools": [pool("all")]});
    json_merge(&mut whole, spec);
    json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster",
        "metadata": {"namespace": namespace, "name": name}, "spec": whole})
}

/// A pool of one broker that keeps what it is told.
pub(crate) fn pool(name: &str) -> Value {
    json!({"name": name, "replicas": 1, "storage": {"persistent": {"size": "10Gi"}}})
}

/// A topic of a cluster in the same namespace.
pub(crate) fn topic(namespace: &str, cluster: &str, name: &str, spec: Value) -> Value {
    let mut whole = json!({"clusterRef": {"name": cluster}});
    json_merge(&mut whole, spec);
    json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
        "metadata": {"namespace": namespace, "name": name}, "spec": whole})
}

fn json_merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        return;
    };
    into.extend(from);
}
