//! A cluster's status from what a pass found. Deciding it is pure; writing it happens only when it
//! differs from what is there.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams};
use kube::runtime::reflector::ObjectRef;
use millrace_crds::{
    BrokerStatus, KafkaCluster, KafkaClusterStatus, ListenerStatus, RollPlan, RollStepState,
    VolumeStatus,
};
use millrace_model::Cluster;
use millrace_plan::roll::PodState;
use millrace_render::{Observed, bootstrap_servers};
use serde_json::{Value, json};

use crate::cluster::fleet::Answers;
use crate::cluster::pods::{broker_state, image, last_words, pod_state, silent_node};
use crate::cluster::restarts::Member;
use crate::conditions::{Finding, conditions};
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};
use crate::reason::{Reason, Standing};

/// Who writes statuses, in managed fields.
const MANAGER: &str = "millrace-operator-status";

/// What a pass found.
pub(crate) enum Found<'a> {
    /// The spec makes no sense; nothing was changed.
    Invalid(Vec<String>),
    Paused,
    Working {
        cluster: &'a Cluster,
        observed: &'a Observed,
        /// Listeners whose address is not known yet.
        waiting: Vec<String>,
        members: &'a [Member],
        answers: Option<&'a Answers>,
        config_keys: Vec<String>,
        storage: Vec<VolumeStatus>,
        roll: Option<RollPlan>,
        warnings: Vec<String>,
        failures: &'a [ReconcileError],
    },
}

/// The status after a pass, and in a word what the pass came to.
pub(crate) fn status(
    before: &KafkaClusterStatus,
    generation: i64,
    found: &Found<'_>,
    now: Timestamp,
) -> (KafkaClusterStatus, &'static str) {
    let mut after = before.clone();
    let (finding, warnings, result) = match found {
        Found::Invalid(problems) => {
            let finding = Finding::new(Reason::InvalidSpec, problems.join("\n"));
            after.observed_generation = Some(generation);
            (finding, Vec::new(), "invalid")
        }
        // What was true stays true; that nobody looks any more is said beside it.
        Found::Paused => {
            let paused = vec!["spec.paused: nothing is changed while it is true".to_owned()];
            (finding_before(&before.conditions), paused, "left")
        }
        Found::Working { warnings, .. } => {
            describe(&mut after, found);
            after.observed_generation = Some(generation);
            let finding = finding(found);
            let result = match finding.standing {
                Standing::Ready => "ready",
                _ if has_failures(found) => "failed",
                _ => "progressing",
            };
            (finding, warnings.clone(), result)
        }
    };
    after.conditions = conditions(&before.conditions, &finding, &warnings, generation, now);
    (after, result)
}

fn has_failures(found: &Found<'_>) -> bool {
    matches!(found, Found::Working { failures, .. } if !failures.is_empty())
}

fn finding_before(conditions: &[Condition]) -> Finding {
    let Some(ready) = conditions
        .iter()
        .find(|condition| condition.type_ == "Ready")
    else {
        return Finding::new(Reason::Paused, "spec.paused is true");
    };
    let stalled = conditions
        .iter()
        .any(|condition| condition.type_ == "Stalled");
    let standing = match (ready.status.as_str(), stalled) {
        ("True", _) => Standing::Ready,
        (_, true) => Standing::Stalled,
        (_, false) => Standing::Progressing,
    };
    Finding {
        standing,
        reason: ready.reason.clone(),
        message: ready.message.clone(),
    }
}

/// Fills in everything but the conditions.
fn describe(after: &mut KafkaClusterStatus, found: &Found<'_>) {
    let Found::Working {
        cluster,
        observed,
        members,
        answers,
        config_keys,
        storage,
        roll,
        ..
    } = found
    else {
        return;
    };
    if let Some(id) = answers.and_then(|answers| answers.cluster.id.as_ref()) {
        after.cluster_id = Some(id.to_string());
    }
    let ready = members
        .iter()
        .filter(|member| state(member) == PodState::Ready)
        .count();
    after.ready = Some(format!("{ready}/{}", members.len()));
    after.listeners = cluster
        .listeners
        .iter()
        .map(|listener| ListenerStatus {
            name: listener.name.clone(),
            kind: listener.kind,
            bootstrap_servers: bootstrap_servers(cluster, listener, observed),
        })
        .collect();
    after.brokers = members
        .iter()
        .map(|member| BrokerStatus {
            id: member.broker.id.0,
            pod: member.broker.pod.clone(),
            roles: cluster
                .pool(&member.broker.pool)
                .map(|pool| pool.roles.clone())
                .unwrap_or_default(),
            image: member
                .pod
                .as_deref()
                .and_then(image)
                .unwrap_or_default()
                .to_owned(),
            state: broker_state(state(member)),
        })
        .collect();
    after.config_keys.clone_from(config_keys);
    after.storage.clone_from(storage);
    after.roll.clone_from(roll);
}

fn state(member: &Member) -> PodState {
    pod_state(member.pod.as_deref())
}

/// How the cluster stands: the first trouble in the order in which a user would mend them.
fn finding(found: &Found<'_>) -> Finding {
    let Found::Working {
        waiting,
        members,
        answers,
        roll,
        failures,
        ..
    } = found
    else {
        return Finding::ready();
    };
    if let Some(finding) = of_failures(failures) {
        return finding;
    }
    let failing = pods_in(members, |state| state == PodState::Failing);
    if !failing.is_empty() {
        let words: Vec<&str> = members
            .iter()
            .filter(|member| state(member) == PodState::Failing)
            .filter_map(|member| last_words(member.pod.as_deref()?))
            .collect();
        let message = format!(
            "cannot start or keeps failing: {failing}; {}",
            words.join("; ")
        );
        return Finding::new(Reason::PodFailing, message);
    }
    if let Some(roll) = roll {
        return of_roll(roll);
    }
    let absent = pods_in(members, |state| state != PodState::Ready);
    if !absent.is_empty() {
        let message = format!("not ready: {absent}");
        return Finding::new(Reason::PodsNotReady, message);
    }
    if !waiting.is_empty() {
        return Finding::new(Reason::AddressesPending, waiting.join("; "));
    }
    match answers {
        Some(_) => Finding::ready(),
        None => Finding::new(Reason::BrokersNotReachable, "no broker answers"),
    }
}

fn of_failures(failures: &[ReconcileError]) -> Option<Finding> {
    let taken = |failure: &&ReconcileError| matches!(failure, ReconcileError::NameTaken { .. });
    let first = failures
        .iter()
        .find(taken)
        .or(failures.iter().find(|failure| !failure.overtaken()))?;
    let sentences: Vec<String> = failures.iter().map(ReconcileError::sentence).collect();
    let reason = match first {
        ReconcileError::NameTaken { .. } => Reason::NameTaken,
        ReconcileError::Kafka { .. } => Reason::BrokersNotReachable,
        ReconcileError::Kubernetes { .. } | ReconcileError::KubernetesDeadline { .. } => {
            Reason::KubernetesFailed
        }
    };
    Some(Finding::new(reason, sentences.join("; ")))
}

fn of_roll(roll: &RollPlan) -> Finding {
    let with = |state: RollStepState| roll.steps.iter().filter(move |step| step.state == state);
    let moving = with(RollStepState::Restarting)
        .chain(with(RollStepState::CatchingUp))
        .next();
    if let Some(step) = moving {
        let reasons = step.reasons.join("; ");
        let message = format!("{} restarts: {reasons}", step.pod);
        return Finding::new(Reason::Rolling, message);
    }
    let blocked: Vec<String> = with(RollStepState::Blocked)
        .map(|step| format!("{} waits for {}", step.pod, step.blocked_by.join(", ")))
        .collect();
    let reason = if blocked.is_empty() {
        Reason::Rolling
    } else {
        Reason::RollBlocked
    };
    Finding::new(reason, blocked.join("; "))
}

fn pods_in(members: &[Member], of: impl Fn(PodState) -> bool) -> String {
    let pods = members.iter().filter(|member| of(state(member)));
    let pods: Vec<String> = pods
        .map(|member| format!("{} ({})", member.broker.pod, why(member)))
        .collect();
    pods.join(", ")
}

/// What keeps a pod from serving.
fn why(member: &Member) -> String {
    match member.pod.as_deref().and_then(silent_node) {
        Some(node) => format!("its node {node} does not report"),
        None => format!("{:?}", state(member)),
    }
}

/// Writes a status that differs, and tells users when how the cluster stands has changed.
pub(crate) async fn write_status(
    context: &Context,
    resource: &KafkaCluster,
    before: &KafkaClusterStatus,
    after: &KafkaClusterStatus,
) -> Result<(), ReconcileError> {
    if before == after {
        return Ok(());
    }
    // A merge leaves what it does not name, so what is gone is named as null.
    let mut fields = serde_json::to_value(after).expect("a status is JSON");
    let old = serde_json::to_value(before).expect("a status is JSON");
    if let (Some(fields), Some(old)) = (fields.as_object_mut(), old.as_object()) {
        for name in old.keys() {
            fields.entry(name.clone()).or_insert(Value::Null);
        }
    }
    let (namespace, name) = (
        resource.namespace().unwrap_or_default(),
        resource.name_any(),
    );
    let api: Api<KafkaCluster> = Api::namespaced(context.client.clone(), &namespace);
    let patch = json!({"status": fields});
    let patch = Patch::Merge(&patch);
    let params = PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let request = api.patch_status(&name, &params, &patch);
    kubernetes(
        || format!("write the status of {namespace}/{name}"),
        request,
    )
    .await?;
    tell_change(context, resource, before, after).await;
    Ok(())
}

async fn tell_change(
    context: &Context,
    resource: &KafkaCluster,
    before: &KafkaClusterStatus,
    after: &KafkaClusterStatus,
) {
    let ready = |status: &KafkaClusterStatus| {
        let mut conditions = status.conditions.iter();
        conditions
            .find(|condition| condition.type_ == "Ready")
            .cloned()
    };
    let Some(now) = ready(after) else { return };
    if ready(before).is_some_and(|then| then.reason == now.reason) {
        return;
    }
    let stalled = after
        .conditions
        .iter()
        .any(|condition| condition.type_ == "Stalled");
    let about = ObjectRef::from_obj(resource);
    context
        .tell(&about, stalled, &now.reason, &now.message)
        .await;
}
