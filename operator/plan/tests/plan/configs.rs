//! Broker properties: live, by a restart, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use millrace_plan::configs::{ConfigPlan, NeedsRestart, Source, Told, plan_configs};

fn told(name: &str, value: &str, source: Source, read_only: bool) -> Told {
    Told {
        name: name.into(),
        value: Some(value.into()),
        source,
        read_only,
        sensitive: false,
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// One key: what is wanted of it, what the broker tells, whether it was ours before.
fn plan(wanted: Option<&str>, told: &[Told], ours: bool) -> ConfigPlan {
    let wanted: BTreeMap<_, _> = wanted
        .map(|value| ("k".to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    plan_configs(&wanted, told, &set(if ours { &["k"] } else { &[] }))
}

fn live(value: &str) -> ConfigPlan {
    ConfigPlan {
        set: BTreeMap::from([("k".to_owned(), value.to_owned())]),
        ours: set(&["k"]),
        ..ConfigPlan::default()
    }
}

fn nothing(ours: &[&str]) -> ConfigPlan {
    ConfigPlan {
        ours: set(ours),
        ..ConfigPlan::default()
    }
}

#[test]
fn what_is_wanted_is_set_while_brokers_run_where_they_can() {
    let hidden = ConfigPlan {
        reset_here: set(&["k"]),
        ..live("2")
    };
    let cases = [
        ("1", Source::File, nothing(&["k"])),
        ("1", Source::Default, nothing(&["k"])),
        ("2", Source::File, live("2")),
        ("2", Source::Default, live("2")),
        // Somebody else changed it.
        ("2", Source::AllBrokers, live("2")),
        ("2", Source::ThisBroker, hidden),
    ];
    for (wanted, source, expected) in cases {
        let found = plan(Some(wanted), &[told("k", "1", source, false)], true);
        assert_eq!(found, expected, "{wanted} {source:?}");
    }
}

#[test]
fn what_cannot_be_set_while_brokers_run_is_told() {
    let changed = NeedsRestart::Changed {
        key: "k".to_owned(),
        has: Some("1".to_owned()),
        wanted: "2".to_owned(),
    };
    let restart = ConfigPlan {
        restart: vec![changed],
        ..nothing(&["k"])
    };
    let unknown = ConfigPlan {
        unknown: set(&["k"]),
        ..nothing(&["k"])
    };
    let opaque = ConfigPlan {
        opaque: set(&["k"]),
        ..nothing(&["k"])
    };
    let fixed = told("k", "1", Source::File, true);
    let secret = Told {
        value: None,
        sensitive: true,
        ..told("k", "", Source::File, false)
    };
    let cases = [
        ("2", vec![fixed.clone()], restart),
        ("1", vec![fixed.clone()], nothing(&["k"])),
        ("2", vec![], unknown),
        ("${env:X}", vec![fixed], opaque.clone()),
        ("2", vec![secret], opaque),
    ];
    for (wanted, told, expected) in cases {
        assert_eq!(
            plan(Some(wanted), &told, true),
            expected,
            "{wanted} {told:?}"
        );
    }
}

#[test]
fn what_is_no_longer_wanted_goes_in_steps() {
    let reset = ConfigPlan {
        reset: set(&["k"]),
        ..nothing(&["k"])
    };
    let restart = ConfigPlan {
        restart: vec![NeedsRestart::Removed {
            key: "k".to_owned(),
        }],
        ..nothing(&["k"])
    };
    let cases = [
        ("set live", Source::AllBrokers, true, reset),
        ("in the file it started with", Source::File, true, restart),
        ("back at the default", Source::Default, true, nothing(&[])),
        (
            "somebody's on one broker",
            Source::ThisBroker,
            true,
            nothing(&[]),
        ),
        ("somebody's on all", Source::AllBrokers, false, nothing(&[])),
    ];
    for (name, source, ours, expected) in cases {
        for read_only in [false, true] {
            let found = plan(None, &[told("k", "1", source, read_only)], ours);
            assert_eq!(found, expected, "{name}");
        }
    }
}
