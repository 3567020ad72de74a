//! A cluster's status from what a pass found. Deciding it is pure; writing it happens only when it
//! differs from what is there.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams};
use kube::runtime::reflector::ObjectRef;
use millrace_crds::{BrokerStatus, KafkaCluster, KafkaClusterStatus, ListenerStatus};
use millrace_plan::roll::PodState;
use millrace_render::bootstrap_servers;
use serde_json::{Value, json};

use crate::cluster::pods::{broker_state, image};
use crate::cluster::standing::{Found, finding};
use crate::conditions::{Finding, conditions};
use crate::context::Context;
use crate::error::{ReconcileError, kubernetes};
use crate::reason::{Reason, Standing};

/// Who writes statuses, in managed fields.
const MANAGER: &str = "millrace-operator-status";

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
        .filter(|member| member.state() == PodState::Ready)
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
            state: broker_state(member.state()),
        })
        .collect();
    after.config_keys.clone_from(config_keys);
    after.storage.clone_from(storage);
    after.roll.clone_from(roll);
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
