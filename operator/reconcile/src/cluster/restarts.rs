//! Restarts: what the pods are started with against what is wanted, the plan that follows, and the
//! one pod that may be deleted now. The plan is in the status before the pod is gone.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::{Api, DeleteParams, Preconditions};
use millrace_crds::RollPlan;
use millrace_model::{Broker, Cluster, RestartCause};
use millrace_plan::roll::{Decision, Fleet, Look, Pod as RollPod, PodState, RestartReason, roll};
use millrace_render::Rendered;

use crate::cluster::pods::{image, pod_state};
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};
use crate::metrics;

/// With this annotation a pod is restarted when its turn comes.
const ASKED: &str = "millrace.dev/restart";

/// A broker that should exist and the pod it has.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) broker: Broker,
    pub(crate) pod: Option<Arc<Pod>>,
}

impl Member {
    /// How its pod is.
    pub(crate) fn state(&self) -> PodState {
        pod_state(self.pod.as_deref())
    }
}

/// Why each member must restart, besides what the pods themselves tell.
pub(crate) struct Causes<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) rendered: &'a Rendered,
    /// Properties that brokers take while they run.
    pub(crate) dynamic: &'a BTreeSet<String>,
    pub(crate) removed: &'a [(millrace_types::NodeId, String)],
    /// Pods whose file system grows when they are started anew.
    pub(crate) resizes: &'a BTreeSet<String>,
}

/// The members as the planner looks at them.
pub(crate) fn pods(members: &[Member], causes: &Causes<'_>) -> Vec<RollPod> {
    members
        .iter()
        .map(|member| RollPod {
            broker: member.broker.id,
            name: member.broker.pod.clone(),
            uid: member.pod.as_ref().and_then(|pod| pod.metadata.uid.clone()),
            rack: rack(member, causes.cluster),
            state: member.state(),
            reasons: reasons(member, causes),
        })
        .collect()
}

fn rack(member: &Member, cluster: &Cluster) -> Option<String> {
    let labels = member.pod.as_ref()?.metadata.labels.as_ref()?;
    labels.get(cluster.rack_key.as_ref()?).cloned()
}

fn reasons(member: &Member, causes: &Causes<'_>) -> Vec<RestartReason> {
    let Some(pod) = &member.pod else {
        return Vec::new();
    };
    let annotations = pod.metadata.annotations.as_ref();
    let template = causes
        .rendered
        .restart_causes(&member.broker, annotations, causes.dynamic);
    let mut reasons: Vec<RestartReason> = template
        .into_iter()
        .map(|cause| match cause {
            RestartCause::Image => RestartReason::Image {
                has: image(pod).unwrap_or_default().to_owned(),
                wanted: causes.cluster.image.clone(),
            },
            other => RestartReason::Property(other.to_string()),
        })
        .collect();
    let removed = causes
        .removed
        .iter()
        .filter(|(broker, _)| *broker == member.broker.id);
    reasons.extend(removed.map(|(_, text)| RestartReason::Property(text.clone())));
    if causes.resizes.contains(&member.broker.pod) {
        reasons.push(RestartReason::FileSystemResize);
    }
    if annotations.is_some_and(|annotations| annotations.contains_key(ASKED)) {
        reasons.push(RestartReason::Asked);
    }
    reasons
}

/// Decides; `fleet` is what the brokers told, or why they did not.
pub(crate) fn decide(
    cluster: &Cluster,
    pods: &[RollPod],
    fleet: Result<&Fleet, &str>,
    previous: Option<&RollPlan>,
    now: Timestamp,
) -> Decision {
    roll(&Look {
        pods,
        fleet,
        policy: cluster.unavailable_partitions,
        previous,
        now: &Time(now),
    })
}

/// Deletes exactly the pod that was looked at.
pub(crate) async fn restart(
    context: &Context,
    member: &Member,
    reasons: &[RestartReason],
) -> Result<(), ReconcileError> {
    let Some(pod) = &member.pod else {
        return Ok(());
    };
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let api: Api<Pod> = Api::namespaced(context.client.clone(), namespace);
    let params = DeleteParams {
        preconditions: Some(Preconditions {
            uid: pod.metadata.uid.clone(),
            resource_version: pod.metadata.resource_version.clone(),
        }),
        ..DeleteParams::default()
    };
    let name = &member.broker.pod;
    let request = api.delete(name, &params);
    kubernetes(|| format!("delete pod {name}"), request).await?;
    for reason in reasons {
        context
            .metrics
            .restarts
            .with_label_values(&[label(reason)])
            .inc();
    }
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    tracing::info!(pod = %name, reasons = reasons.join("; "), "restarted");
    Ok(())
}

fn label(reason: &RestartReason) -> &'static str {
    match reason {
        RestartReason::Image { .. } => metrics::IMAGE,
        RestartReason::Template => metrics::TEMPLATE,
        RestartReason::Property(_) => metrics::PROPERTY,
        RestartReason::FileSystemResize => metrics::RESIZE,
        RestartReason::Asked => metrics::ASKED,
    }
}
