//! The roll, case by case.

use std::collections::BTreeSet;

use millrace_crds::RollStepState::{Blocked, CatchingUp, Done, Restarting, Waiting};
use millrace_model::UnavailablePartitions;
use millrace_plan::roll::{Decision, PodState, RestartReason};
use millrace_types::NodeId;

use crate::fleet::{Case, blocked_by, case, later, nodes, partition, pass, states, when};

#[test]
fn one_goes_and_the_controller_is_not_the_first() {
    let decision = pass(&case());
    assert_eq!(decision.delete, Some(1));
    assert_eq!(states(&decision), [Waiting, Restarting, Waiting]);
    let plan = decision.plan.unwrap();
    assert_eq!(plan.steps[1].reasons, ["the pod's template changed"]);
}

#[test]
fn nothing_to_restart_is_no_plan() {
    let nothing = when(|case| case.pods.iter_mut().for_each(|pod| pod.reasons.clear()));
    assert_eq!(nothing, Decision::default());
}

#[test]
fn the_next_goes_when_the_last_is_back_in_sync() {
    let out_of_sync = |case: &mut Case| case.fleet.partitions[0].isr = nodes(&[0, 2]);
    for state in [
        PodState::Ready,
        PodState::Missing,
        PodState::Terminating,
        PodState::Starting,
    ] {
        let waiting = later(state, out_of_sync);
        assert_eq!(waiting.delete, None, "{state:?}");
        let ready = state == PodState::Ready;
        let away = if ready { CatchingUp } else { Restarting };
        assert_eq!(states(&waiting), [Waiting, away, Waiting], "{state:?}");
        let waits: &[&str] = if ready { &["t-0 is not in sync"] } else { &[] };
        assert_eq!(blocked_by(&waiting, 1), waits, "{state:?}");
    }
    let next = later(PodState::Ready, |_| {});
    assert_eq!(next.delete, Some(2));
    assert_eq!(states(&next), [Waiting, Done, Restarting]);
}

#[test]
fn the_last_one_ends_the_plan() {
    let mut case = case();
    for expected in [Some(1), Some(2), Some(0), None] {
        let decision = pass(&case);
        assert_eq!(decision.delete, expected);
        if let Some(index) = decision.delete {
            case.pods[index].reasons.clear();
            case.pods[index].uid = Some("second".to_owned());
        } else {
            assert_eq!(decision.plan, None);
        }
        case.previous = decision.plan;
    }
}

#[test]
fn a_partition_that_would_lack_replicas_blocks_its_brokers() {
    let shrunk = when(|case| case.fleet.partitions[0].isr = nodes(&[0, 1]));
    // Whoever is not in sync takes nothing away.
    assert_eq!(shrunk.delete, Some(2));
    assert_eq!(states(&shrunk), [Waiting, Blocked, Restarting]);
    assert_eq!(
        blocked_by(&shrunk, 1),
        ["t-0 would have [0] in sync and needs 2"]
    );
    // The fleet may not have noticed yet that a broker is gone.
    let unnoticed = when(|case| {
        case.pods[0].state = PodState::Starting;
        case.pods[0].reasons.clear();
    });
    assert_eq!(unnoticed.delete, None);
    let elsewhere = when(|case| case.fleet.partitions = vec![partition(&[0, 1], &[0, 1], 2)]);
    assert_eq!(elsewhere.delete, Some(2));
}

#[test]
fn partitions_that_can_never_be_spared_are_the_policy_s() {
    let policy = |policy, replicas: &[i32], isr: &[i32], min_isr| {
        when(|case| {
            case.policy = policy;
            case.fleet.partitions = vec![partition(replicas, isr, min_isr)];
            case.pods
                .iter_mut()
                .filter(|pod| pod.broker != NodeId(1))
                .for_each(|pod| pod.reasons.clear());
        })
    };
    let waits = policy(UnavailablePartitions::Wait, &[1], &[1], 1);
    let text = "t-0 has 1 replicas and needs 1 in sync, so it cannot stay available";
    assert_eq!(waits.plan.as_ref().unwrap().steps[0].blocked_by, [text]);
    let cases = [
        (&[1][..], &[1][..], 1, Some(1)),
        (&[1, 2], &[1, 2], 2, Some(1)),
        // The only copy of the newest records does not go.
        (&[1, 2], &[1], 2, None),
        // What could stay available must.
        (&[0, 1, 2], &[1, 2], 2, None),
    ];
    for (replicas, isr, min_isr, expected) in cases {
        let allowed = policy(UnavailablePartitions::Allow, replicas, isr, min_isr);
        assert_eq!(allowed.delete, expected, "{replicas:?} {isr:?}");
    }
}

#[test]
fn stuck_pods_of_an_old_revision_go_first_and_unasked() {
    for state in [PodState::Unschedulable, PodState::Failing] {
        let stuck = when(|case| {
            case.pods[2].state = state;
            case.error = Some("no answer");
        });
        assert_eq!(stuck.delete, Some(2), "{state:?}");
        let beside = later(PodState::Starting, |case| case.pods[2].state = state);
        assert_eq!(beside.delete, Some(2), "{state:?}");
    }
}

#[test]
fn a_pod_that_no_node_takes_holds_nobody_up() {
    let spare = |case: &mut Case| {
        case.fleet.voters.clear();
        case.fleet.partitions[0].min_isr = 1;
    };
    let lame = later(PodState::Unschedulable, spare);
    assert_eq!(
        (lame.delete, states(&lame)),
        (Some(2), vec![Waiting, Restarting, Restarting])
    );
    assert_eq!(blocked_by(&lame, 1), ["no node takes c-p-1"]);
}

#[test]
fn nobody_else_is_brought_to_what_a_broker_fails_with() {
    let spare = |case: &mut Case| case.fleet.partitions[0].min_isr = 1;
    let spoiled = later(PodState::Failing, spare);
    assert_eq!(spoiled.delete, None);
    assert_eq!(blocked_by(&spoiled, 2), ["c-p-1 fails with what is wanted"]);
    let mended = later(PodState::Failing, |case| {
        case.pods[1].reasons = vec![RestartReason::Template];
    });
    assert_eq!(mended.delete, Some(1));
}

#[test]
fn what_cannot_be_observed_is_not_restarted() {
    let blind = when(|case| case.error = Some("no answer"));
    assert_eq!(blind.delete, None);
    assert_eq!(
        blocked_by(&blind, 1),
        ["the fleet cannot be observed: no answer"]
    );
    let returning = later(PodState::Ready, |case| case.error = Some("no answer"));
    assert_eq!(
        (returning.delete, states(&returning)[1]),
        (None, CatchingUp)
    );
    let leaderless = when(|case| case.fleet.controller = None);
    assert_eq!(leaderless.delete, None);
    let unregistered = when(|case| case.fleet.brokers = BTreeSet::from([NodeId(1), NodeId(2)]));
    assert_eq!(unregistered.delete, None);
}

#[test]
fn the_quorum_keeps_its_majority() {
    let lagging = when(|case| {
        case.fleet.partitions.clear();
        case.fleet.voters[2].caught_up = false;
    });
    assert_eq!(lagging.delete, Some(2));
    let text = "the quorum would have 1 voters that are caught up and needs 2";
    assert_eq!(blocked_by(&lagging, 1), [text]);
}

#[test]
fn brokers_of_one_rack_go_together() {
    let racks = |racks: [Option<&'static str>; 3]| {
        later(PodState::Starting, move |case| {
            case.fleet.partitions = vec![partition(&[0, 1], &[0, 1], 1)];
            case.fleet.voters.clear();
            for (pod, rack) in case.pods.iter_mut().zip(racks) {
                pod.rack = rack.map(ToOwned::to_owned);
            }
        })
    };
    assert_eq!(racks([Some("a"), Some("b"), Some("b")]).delete, Some(2));
    assert_eq!(racks([Some("a"), Some("b"), Some("c")]).delete, None);
    assert_eq!(racks([None, None, None]).delete, None);
}

#[test]
fn a_restart_that_was_begun_is_begun_again_before_any_other() {
    // The operator was killed after it wrote the plan: the pod is still as it was.
    let as_it_was = |case: &mut Case| case.pods[1].uid = Some("first".to_owned());
    let again = later(PodState::Ready, as_it_was);
    assert_eq!(
        again.delete,
        Some(1),
        "also when nothing asks for it any more"
    );
    let not_now = later(PodState::Ready, |case| {
        as_it_was(case);
        case.fleet.partitions[0].isr = nodes(&[0, 1]);
    });
    assert_eq!(
        (not_now.delete, states(&not_now)),
        (None, vec![Waiting, Restarting, Waiting])
    );
    assert_eq!(
        blocked_by(&not_now, 1),
        ["t-0 would have [0] in sync and needs 2"]
    );
}

#[test]
fn two_restarts_that_were_begun_do_not_wait_for_each_other() {
    let both = later(PodState::Ready, |case| {
        let steps = &mut case.previous.as_mut().unwrap().steps;
        steps[2].state = Restarting;
        steps[2].replaces = Some("first".to_owned());
        case.pods[1].uid = Some("first".to_owned());
        case.fleet.partitions[0].min_isr = 1;
        case.fleet.voters.clear();
    });
    assert_eq!(both.delete, Some(1));
}

#[test]
fn a_pod_that_was_replaced_is_counted_on_though_it_must_restart_again() {
    // Broker 2 came back, and then something else was wanted; broker 1's restart was begun.
    let again = later(PodState::Ready, |case| {
        let steps = &mut case.previous.as_mut().unwrap().steps;
        steps[2].state = Restarting;
        steps[2].replaces = Some("first".to_owned());
        case.pods[2].uid = Some("second".to_owned());
        case.pods[1].uid = Some("first".to_owned());
    });
    assert_eq!(
        (again.delete, states(&again)),
        (Some(1), vec![Waiting, Restarting, Waiting])
    );
}
