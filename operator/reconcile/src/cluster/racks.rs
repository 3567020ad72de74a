//! Tells pods the rack of the node they were put on, by a label that the broker waits for. Kubernetes
//! may have done it already.

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, Patch, PatchParams};
use millrace_model::Cluster;
use serde_json::json;

use crate::cluster::restarts::Member;
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};

/// What a broker is told whose node has no such label.
const NO_RACK: &str = "unknown";

/// Labels pods that have a node and no rack yet. Returns what failed.
pub(crate) async fn tell_racks(
    context: &Context,
    cluster: &Cluster,
    members: &[Member],
) -> Vec<ReconcileError> {
    let Some(key) = &cluster.rack_key else {
        return Vec::new();
    };
    let mut failures = Vec::new();
    for pod in members.iter().filter_map(|member| member.pod.as_deref()) {
        let labelled = pod
            .metadata
            .labels
            .as_ref()
            .is_some_and(|labels| labels.contains_key(key));
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        let (false, Some(node)) = (labelled, node) else {
            continue;
        };
        if let Err(error) = tell(context, pod, node, key).await {
            failures.push(error);
        }
    }
    failures
}

async fn tell(context: &Context, pod: &Pod, node: &str, key: &str) -> Result<(), ReconcileError> {
    let nodes: Api<Node> = Api::all(context.client.clone());
    let found = kubernetes(|| format!("read node {node}"), nodes.get(node)).await?;
    let labels = found.metadata.labels.unwrap_or_default();
    let rack = labels.get(key).map_or(NO_RACK, String::as_str);
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let pods: Api<Pod> = Api::namespaced(context.client.clone(), namespace);
    let patch = json!({"metadata": {"labels": {key: rack}}});
    let patch = Patch::Merge(&patch);
    let params = PatchParams::default();
    let request = pods.patch_metadata(name, &params, &patch);
    kubernetes(|| format!("label pod {name} with its rack"), request).await?;
    Ok(())
}
