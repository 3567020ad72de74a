//! A fleet of three brokers with one topic on all of them, and a pass over it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use millrace_crds::{RollPlan, RollStepState};
use millrace_model::UnavailablePartitions;
use millrace_plan::roll::{
    Decision, Fleet, Look, Partition, Pod, PodState, RestartReason, Voter, roll,
};
use millrace_types::NodeId;

pub(crate) struct Case {
    pub(crate) pods: Vec<Pod>,
    pub(crate) fleet: Fleet,
    pub(crate) error: Option<&'static str>,
    pub(crate) policy: UnavailablePartitions,
    pub(crate) previous: Option<RollPlan>,
}

pub(crate) fn nodes(ids: &[i32]) -> Vec<NodeId> {
    ids.iter().map(|&id| NodeId(id)).collect()
}

/// All three must restart and could. Broker 0 is the controller.
pub(crate) fn case() -> Case {
    let pod = |id: i32| Pod {
        broker: NodeId(id),
        name: format!("c-p-{id}"),
        uid: Some("first".to_owned()),
        rack: None,
        state: PodState::Ready,
        reasons: vec![RestartReason::Template],
    };
    let voter = |id: i32| Voter {
        id: NodeId(id),
        caught_up: true,
    };
    Case {
        pods: (0..3).map(pod).collect(),
        fleet: Fleet {
            brokers: (0..3).map(NodeId).collect(),
            controller: Some(NodeId(0)),
            voters: (0..3).map(voter).collect(),
            partitions: vec![partition(&[0, 1, 2], &[0, 1, 2], 2)],
        },
        error: None,
        policy: UnavailablePartitions::Wait,
        previous: None,
    }
}

pub(crate) fn partition(replicas: &[i32], isr: &[i32], min_isr: usize) -> Partition {
    Partition {
        topic: "t".into(),
        index: 0,
        replicas: nodes(replicas),
        isr: nodes(isr),
        min_isr,
    }
}

pub(crate) fn pass(case: &Case) -> Decision {
    let now = Time(jiff::Timestamp::UNIX_EPOCH);
    roll(&Look {
        pods: &case.pods,
        fleet: case.error.map_or(Ok(&case.fleet), Err),
        policy: case.policy,
        previous: case.previous.as_ref(),
        now: &now,
    })
}

pub(crate) fn when(change: impl FnOnce(&mut Case)) -> Decision {
    let mut case = case();
    change(&mut case);
    pass(&case)
}

/// After the first pass has taken broker 1, and it came so far.
pub(crate) fn later(state: PodState, change: impl FnOnce(&mut Case)) -> Decision {
    let mut case = case();
    case.previous = pass(&case).plan;
    case.pods[1].state = state;
    case.pods[1].uid = Some("second".to_owned());
    case.pods[1].reasons.clear();
    change(&mut case);
    pass(&case)
}

pub(crate) fn states(decision: &Decision) -> Vec<RollStepState> {
    let steps = decision.plan.iter().flat_map(|plan| &plan.steps);
    steps.map(|step| step.state).collect()
}

pub(crate) fn blocked_by(decision: &Decision, broker: usize) -> Vec<String> {
    let plan = decision.plan.as_ref().expect("a plan");
    plan.steps[broker].blocked_by.clone()
}
