//! What a pass over a topic comes to: what its status says, and whether it gets another turn by itself.
//! Pure.

use millrace_plan::topics::{Access, Refusal};
use millrace_types::ErrorCode;

use crate::conditions::Finding;
use crate::error::ReconcileError;
use crate::reason::{Reason, Standing};
use crate::topic::batch::Job;
use crate::topic::desk::Outcome;
use crate::topic::home::Home;

/// What a pass comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The status stays as it is.
    Silent(Outcome),
    Say(Finding, Outcome),
}

impl Verdict {
    /// For the metrics.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Silent(_) => "left",
            Self::Say(finding, outcome) => match (&finding.standing, outcome) {
                (Standing::Ready, _) => "ready",
                (_, Outcome::Retry) => "failed",
                (_, Outcome::Done) => "refused",
            },
        }
    }

    /// What a user has to be told, if anything.
    pub(crate) fn trouble(&self) -> Option<(&str, &str)> {
        match self {
            Self::Say(finding, _) if finding.standing == Standing::Stalled => {
                Some((&finding.reason, &finding.message))
            }
            _ => None,
        }
    }
}

/// Judges a job that has been worked on.
pub(crate) fn verdict(job: &Job, home: Option<&Home>, access: Access) -> Verdict {
    if let Some(failure) = &job.failure {
        return failed(job, failure);
    }
    if job.entry.deleting {
        return deleting(access);
    }
    if let Err(problems) = &job.entry.topic {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return stalled(Reason::InvalidSpec, problems.join("\n"));
    }
    if let Some(Err(reason)) = home.map(|home| &home.cluster) {
        return stalled(
            Reason::InvalidCluster,
            format!("the cluster's spec is not valid: {reason}"),
        );
    }
    if job.topic.as_ref().is_some_and(|topic| !topic.managed) {
        let finding = Finding::new(Reason::Unmanaged, "spec.managed is false");
        return Verdict::Say(finding, Outcome::Done);
    }
    if access == Access::Paused && !job.entry.status.conditions.is_empty() {
        return Verdict::Silent(Outcome::Done);
    }
    match job.plan.refusals.first() {
        None => Verdict::Say(Finding::ready(), Outcome::Done),
        Some(first) => {
            let refusals: Vec<String> = job.plan.refusals.iter().map(Refusal::to_string).collect();
            let finding = Finding::new(of_refusal(first), refusals.join("; "));
            Verdict::Say(finding, Outcome::Done)
        }
    }
}

/// A resource on its way out is gone when nothing holds it; only a wait is worth a word.
fn deleting(access: Access) -> Verdict {
    match access {
        Access::Paused => {
            let message = "the topic is deleted when the cluster is no longer paused";
            let finding = Finding::new(Reason::ClusterPaused, message);
            Verdict::Say(finding, Outcome::Done)
        }
        Access::Allowed | Access::NamespaceNotAllowed | Access::Gone => {
            Verdict::Silent(Outcome::Done)
        }
    }
}

fn failed(job: &Job, failure: &ReconcileError) -> Verdict {
    if failure.overtaken() {
        return Verdict::Silent(Outcome::Retry);
    }
    let message = failure.sentence();
    let ReconcileError::Kafka { source, .. } = failure else {
        tracing::warn!(topic = %job.entry.key, error = message, "a pass failed");
        let finding = Finding::new(Reason::KubernetesFailed, message);
        return Verdict::Say(finding, Outcome::Retry);
    };
    if source.code() == Some(ErrorCode::TopicAlreadyExists) {
        return Verdict::Silent(Outcome::Retry);
    }
    if source.retryable() {
        let finding = Finding::new(Reason::ClusterNotReachable, message);
        return Verdict::Say(finding, Outcome::Retry);
    }
    stalled(Reason::Refused, message)
}

fn stalled(reason: Reason, message: String) -> Verdict {
    Verdict::Say(Finding::new(reason, message), Outcome::Done)
}

fn of_refusal(refusal: &Refusal) -> Reason {
    match refusal {
        Refusal::PartitionDecrease { .. } => Reason::PartitionDecrease,
        Refusal::ReplicationChange { .. } => Reason::ReplicationChange,
        Refusal::Renamed { .. } => Reason::Renamed,
        Refusal::NameConflict { .. } => Reason::NameConflict,
        Refusal::ClusterNotAllowed => Reason::NamespaceNotAllowed,
        Refusal::ClusterGone => Reason::ClusterNotFound,
        Refusal::ClusterPaused => Reason::ClusterPaused,
    }
}
