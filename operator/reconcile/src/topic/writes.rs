//! The writes to `KafkaTopic`s: the finalizer, which names the version it was decided on, and the
//! status. One request each, none of which reads.

use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use millrace_crds::{KafkaTopic, KafkaTopicStatus};
use millrace_model::TOPIC_FINALIZER;
use serde_json::json;

use crate::error::{ReconcileError, kubernetes};
use crate::topic::entry::Entry;

/// Who writes statuses, in managed fields.
const STATUS_MANAGER: &str = "millrace-operator-status";
const MANAGER: &str = "millrace-operator";

fn api(client: &Client, entry: &Entry) -> Api<KafkaTopic> {
    Api::namespaced(client.clone(), &entry.key.namespace)
}

/// Keeps the resource until its topic is dealt with.
pub(crate) async fn add_finalizer(client: &Client, entry: &Entry) -> Result<(), ReconcileError> {
    let mut finalizers = entry.finalizers.clone();
    finalizers.push(TOPIC_FINALIZER.to_owned());
    write_finalizers(client, entry, &finalizers).await
}

/// Lets the resource go.
pub(crate) async fn remove_finalizer(client: &Client, entry: &Entry) -> Result<(), ReconcileError> {
    let mut finalizers = entry.finalizers.clone();
    finalizers.retain(|name| name != TOPIC_FINALIZER);
    write_finalizers(client, entry, &finalizers).await
}

async fn write_finalizers(
    client: &Client,
    entry: &Entry,
    finalizers: &[String],
) -> Result<(), ReconcileError> {
    let patch = json!({"metadata": {
        "resourceVersion": entry.resource_version,
        "finalizers": finalizers,
    }});
    let params = PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let api = api(client, entry);
    let patch = Patch::Merge(&patch);
    let request = api.patch_metadata(&entry.key.name, &params, &patch);
    kubernetes(|| format!("write the finalizer of {}", entry.key), request).await?;
    Ok(())
}

/// Writes a status whole.
pub(crate) async fn write_status(
    client: &Client,
    entry: &Entry,
    status: &KafkaTopicStatus,
) -> Result<(), ReconcileError> {
    // A merge leaves what it does not name, so what is gone is named as null.
    let mut fields = serde_json::to_value(status).expect("a status is JSON");
    let before = serde_json::to_value(&entry.status).expect("a status is JSON");
    if let (Some(fields), Some(before)) = (fields.as_object_mut(), before.as_object()) {
        for name in before.keys() {
            fields
                .entry(name.clone())
                .or_insert(serde_json::Value::Null);
        }
    }
    let patch = json!({"status": fields});
    let params = PatchParams {
        field_manager: Some(STATUS_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let api = api(client, entry);
    let patch = Patch::Merge(&patch);
    let request = api.patch_status(&entry.key.name, &params, &patch);
    kubernetes(|| format!("write the status of {}", entry.key), request).await?;
    Ok(())
}
