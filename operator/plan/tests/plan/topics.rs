//! Topics that are made and changed.

use std::collections::BTreeMap;

use millrace_model::DeletionPolicy;
use millrace_plan::topics::{Action, Drift, Refusal, Remembered};

use crate::topic::{Case, check, configs, create, keys, set, when};

#[test]
fn a_converged_topic_is_left_in_peace() {
    check("converged", &when(|_| {}), &[], &[], &[]);
    let unset = when(|case| {
        case.topic.partitions = None;
        case.topic.replicas = None;
        case.topic.configs.clear();
        case.remembered.configs.clear();
    });
    check("unset means leave alone", &unset, &[], &[], &[]);
    let spelled = when(|case| {
        case.topic.configs = configs(&[("retention.ms", "01000")]);
    });
    check("only spelled differently", &spelled, &[], &[], &[]);
}

#[test]
fn topics_come_into_being() {
    let new = when(|case| {
        case.topic.has_finalizer = false;
        case.remembered = Remembered::default();
        case.live = None;
    });
    check("new", &new, &[Action::Hold, create()], &[], &[]);
    assert_eq!(new.configs, keys(&["retention.ms"]));
    let adopted = when(|case| {
        case.topic.has_finalizer = false;
        case.remembered = Remembered::default();
        let other = ("segment.ms".into(), "5".into());
        case.live.as_mut().unwrap().configs = [other].into();
    });
    let actions = [Action::Hold, set(&[("retention.ms", "1000")])];
    check("adopted, foreign keys stay", &adopted, &actions, &[], &[]);
    let retained = when(|case| {
        case.topic.has_finalizer = false;
        case.topic.deletion_policy = DeletionPolicy::Retain;
        case.live = None;
        case.remembered = Remembered::default();
    });
    check(
        "nobody waits for a retained one",
        &retained,
        &[create()],
        &[],
        &[],
    );
}

#[test]
fn edits_are_made_and_impossible_ones_refused_while_the_rest_goes_on() {
    let grown = when(|case| {
        case.topic.partitions = Some(5);
        case.topic.generation = 5;
    });
    check("grown", &grown, &[Action::Grow { partitions: 5 }], &[], &[]);
    let refused = when(|case| {
        case.topic.generation = 5;
        case.topic.partitions = Some(2);
        case.topic.replicas = Some(3);
        case.topic.configs = configs(&[("retention.ms", "2000")]);
    });
    let refusals = [
        Refusal::PartitionDecrease { has: 3, wanted: 2 },
        Refusal::ReplicationChange { has: 2, wanted: 3 },
    ];
    check(
        "refused",
        &refused,
        &[set(&[("retention.ms", "2000")])],
        &refusals,
        &[],
    );
    let renamed = when(|case| case.topic.name = "sales".to_owned());
    let refusal = Refusal::Renamed {
        is: "orders".to_owned(),
        wanted: "sales".to_owned(),
    };
    check("renamed", &renamed, &[], &[refusal], &[]);
    assert_eq!(renamed.name, "orders");
}

#[test]
fn keys_that_we_set_go_back_to_their_default_when_they_leave_the_spec() {
    let with_live = |remembered: &[&str]| {
        when(|case| {
            case.topic.generation = 5;
            case.topic.configs.clear();
            case.remembered.configs = keys(remembered);
            let foreign = ("segment.ms".into(), "5".into());
            case.live.as_mut().unwrap().configs.extend([foreign]);
        })
    };
    let reset = Action::Alter {
        set: BTreeMap::new(),
        reset: keys(&["retention.ms"]),
    };
    check("ours", &with_live(&["retention.ms"]), &[reset], &[], &[]);
    check("not ours", &with_live(&[]), &[], &[], &[]);
    check(
        "ours, and gone already",
        &with_live(&["flush.ms"]),
        &[],
        &[],
        &[],
    );
}

#[test]
fn drift_is_put_back_and_told_only_once_the_spec_was_in_force() {
    let changed = |case: &mut Case| {
        let live = case.live.as_mut().unwrap();
        live.configs.insert("retention.ms".into(), "7".into());
        live.partitions = 2;
    };
    let actions = [
        Action::Grow { partitions: 3 },
        set(&[("retention.ms", "1000")]),
    ];
    let drift = [
        Drift::Partitions {
            found: 2,
            put_back: 3,
        },
        Drift::Config {
            key: "retention.ms".to_owned(),
            found: Some("7".to_owned()),
            put_back: "1000".to_owned(),
        },
    ];
    check("drift", &when(changed), &actions, &[], &drift);
    let fresh = when(|case| {
        changed(case);
        case.remembered.applied = Some(3);
    });
    check("an edit is no drift", &fresh, &actions, &[], &[]);
    let gone = when(|case| case.live = None);
    check("gone", &gone, &[create()], &[], &[Drift::Missing]);
    let texts: Vec<_> = drift.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "partitions: found 2, put back 3",
            "retention.ms: found 7, put back 1000"
        ]
    );
}
