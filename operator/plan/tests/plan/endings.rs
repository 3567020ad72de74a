//! Topics that are deleted, released, or somebody else's.

use millrace_model::DeletionPolicy;
use millrace_plan::topics::{Access, Action, Claim, Refusal, winner};

use crate::topic::{Case, check, key, when};

type Change = Box<dyn Fn(&mut Case)>;

fn change(change: impl Fn(&mut Case) + 'static) -> Change {
    Box::new(change)
}

/// Every reason to keep our hands off, whether the resource is let go at once, and the refusal.
fn hands_off() -> Vec<(&'static str, Change, Vec<Refusal>)> {
    let conflict = Refusal::NameConflict {
        owner: key("older"),
    };
    vec![
        (
            "unmanaged",
            change(|case| case.topic.managed = false),
            vec![],
        ),
        (
            "gone",
            change(|case| case.access = Access::Gone),
            vec![Refusal::ClusterGone],
        ),
        (
            "not allowed",
            change(|case| case.access = Access::NamespaceNotAllowed),
            vec![Refusal::ClusterNotAllowed],
        ),
        (
            "conflict",
            change(|case| case.owner = Some(key("older"))),
            vec![conflict],
        ),
    ]
}

#[test]
fn whoever_may_not_touch_a_topic_lets_its_resource_go() {
    for (name, change, refusals) in hands_off() {
        for (deleting, has_finalizer) in
            [(false, true), (false, false), (true, true), (true, false)]
        {
            let plan = when(|case| {
                change(case);
                case.topic.deleting = deleting;
                case.topic.has_finalizer = has_finalizer;
            });
            let release: &[Action] = if has_finalizer {
                &[Action::Release]
            } else {
                &[]
            };
            check(name, &plan, release, &refusals, &[]);
        }
    }
}

#[test]
fn deletion_ends_with_the_release() {
    let deleted = |change: fn(&mut Case)| {
        when(|case| {
            case.topic.deleting = true;
            change(case);
        })
    };
    let both = [Action::Delete, Action::Release];
    check("there", &deleted(|_| {}), &both, &[], &[]);
    check(
        "gone",
        &deleted(|case| case.live = None),
        &both[1..],
        &[],
        &[],
    );
    let retained = deleted(|case| case.topic.deletion_policy = DeletionPolicy::Retain);
    check("retained", &retained, &both[1..], &[], &[]);
    let never_held = deleted(|case| case.topic.has_finalizer = false);
    check("never held", &never_held, &[], &[], &[]);
    let paused = deleted(|case| case.access = Access::Paused);
    check("paused", &paused, &[], &[Refusal::ClusterPaused], &[]);
}

#[test]
fn of_two_that_want_a_topic_the_older_has_it() {
    let claim = |created, uid: &str, name: &str| Claim {
        created,
        uid: uid.to_owned(),
        key: key(name),
    };
    let cases = [
        (vec![], None),
        (
            vec![claim(2, "a", "late"), claim(1, "b", "early")],
            Some("early"),
        ),
        (
            vec![claim(1, "b", "large"), claim(1, "a", "small")],
            Some("small"),
        ),
    ];
    for (claims, expected) in cases {
        assert_eq!(winner(&claims), expected.map(key).as_ref());
        assert_eq!(winner(claims.iter().rev()), expected.map(key).as_ref());
    }
}
