//! How a cluster stands, from what a pass found: one reason and a sentence, which a user can do something
//! about. Pure.

use millrace_crds::{RollPlan, RollStepState, VolumeStatus};
use millrace_model::Cluster;
use millrace_plan::roll::PodState;
use millrace_render::Observed;

use crate::cluster::fleet::Answers;
use crate::cluster::pods::{last_words, silent_node, unplaced};
use crate::cluster::refusals::{Refused, advice};
use crate::cluster::restarts::Member;
use crate::conditions::Finding;
use crate::error::ReconcileError;
use crate::reason::Reason;

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
        /// Pods that Kubernetes does not create, and why.
        refused: &'a Refused,
        answers: Option<&'a Answers>,
        config_keys: Vec<String>,
        storage: Vec<VolumeStatus>,
        roll: Option<RollPlan>,
        warnings: Vec<String>,
        failures: &'a [ReconcileError],
    },
}

/// How the cluster stands: the first trouble in the order in which a user would mend them.
pub(crate) fn finding(found: &Found<'_>) -> Finding {
    let Found::Working {
        waiting,
        members,
        refused,
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
    if let Some(finding) = of_refused(refused) {
        return finding;
    }
    let failing = pods_in(members, |state| state == PodState::Failing);
    if !failing.is_empty() {
        let words: Vec<&str> = members
            .iter()
            .filter(|member| member.state() == PodState::Failing)
            .filter_map(|member| last_words(member.pod.as_deref()?))
            .collect();
        let message = format!(
            "cannot start or keeps failing: {failing}; {}",
            words.join("; ")
        );
        return Finding::new(Reason::PodFailing, message);
    }
    if let Some(roll) = roll {
        return of_roll(roll, members);
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

/// Mostly all are refused for one reason, so it is told once.
fn of_refused(refused: &Refused) -> Option<Finding> {
    let words = refused.values().next()?;
    let pods: Vec<&str> = refused.keys().map(String::as_str).collect();
    let (pods, advice) = (pods.join(", "), advice(words));
    let message = format!("Kubernetes does not create {pods}: {words}; {advice}");
    Some(Finding::new(Reason::PodRefused, message))
}

fn of_roll(roll: &RollPlan, members: &[Member]) -> Finding {
    let with = |state: RollStepState| roll.steps.iter().filter(move |step| step.state == state);
    let moving = with(RollStepState::Restarting)
        .chain(with(RollStepState::CatchingUp))
        .next();
    if let Some(step) = moving {
        let reasons = step.reasons.join("; ");
        let mut message = format!("{} restarts: {reasons}", step.pod);
        let mut members = members.iter();
        if let Some(member) = members.find(|member| member.broker.pod == step.pod)
            && member.state() == PodState::Unschedulable
        {
            message.push_str(&format!("; {}", why(member)));
        }
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
    let pods = members.iter().filter(|member| of(member.state()));
    let pods: Vec<String> = pods
        .map(|member| format!("{} ({})", member.broker.pod, why(member)))
        .collect();
    pods.join(", ")
}

/// What keeps a pod from serving.
fn why(member: &Member) -> String {
    let pod = member.pod.as_deref();
    if let Some(node) = pod.and_then(silent_node) {
        format!("its node {node} does not report")
    } else if let Some(words) = pod.and_then(unplaced) {
        format!("no node takes it: {words}")
    } else {
        format!("{:?}", member.state())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use millrace_crds::RollStep;
    use millrace_model::Broker;
    use millrace_types::NodeId;
    use serde_json::json;

    use super::*;

    fn unplaced_member() -> Member {
        let scheduled = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/3 nodes are available"});
        let pod = serde_json::from_value(json!({"status": {"conditions": [scheduled]}}));
        let broker = Broker {
            id: NodeId(0),
            pool: "all".to_owned(),
            ordinal: 0,
            pod: "a-all-0".to_owned(),
        };
        Member {
            broker,
            pod: Some(Arc::new(pod.expect("a pod"))),
        }
    }

    #[test]
    fn a_pod_without_a_node_has_the_schedulers_words_also_while_it_restarts() {
        let members = [unplaced_member()];
        let words = "no node takes it: 0/3 nodes are available";
        assert_eq!(pods_in(&members, |_| true), format!("a-all-0 ({words})"));
        let step = RollStep {
            broker: 0,
            pod: "a-all-0".to_owned(),
            reasons: vec!["image".to_owned()],
            state: RollStepState::Restarting,
            replaces: None,
            blocked_by: Vec::new(),
        };
        let roll = RollPlan {
            started: Time(jiff::Timestamp::UNIX_EPOCH),
            steps: vec![step],
        };
        let finding = of_roll(&roll, &members);
        assert_eq!(finding.message, format!("a-all-0 restarts: image; {words}"));
    }

    #[test]
    fn pods_that_are_refused_are_told_together() {
        let words = "exceeded quota: small";
        let refused = ["a-all-0", "a-all-1"].map(|pod| (pod.to_owned(), words.to_owned()));
        let finding = of_refused(&refused.into()).expect("something to tell");
        assert_eq!(finding.reason, "PodRefused");
        let expected =
            format!("Kubernetes does not create a-all-0, a-all-1: {words}; ask for less");
        assert!(
            finding.message.starts_with(&expected),
            "{}",
            finding.message
        );
    }
}
