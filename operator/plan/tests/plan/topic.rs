//! A topic in the middle of its life, and what is planned after one change of it.

use std::collections::{BTreeMap, BTreeSet};

use millrace_model::{DeletionPolicy, ObjectKey, Topic};
use millrace_plan::topics::{
    Access, Action, Drift, LiveTopic, Refusal, Remembered, TopicPlan, plan_topic,
};

pub(crate) fn key(name: &str) -> ObjectKey {
    ObjectKey::new("shop", name)
}

pub(crate) fn configs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) fn keys(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A resource in the middle of its life: held, applied before, three partitions, one setting.
pub(crate) fn topic() -> Topic {
    Topic {
        key: key("orders"),
        uid: "u1".to_owned(),
        generation: 4,
        created: 1,
        cluster: key("main"),
        name: "orders".to_owned(),
        partitions: Some(3),
        replicas: Some(2),
        configs: configs(&[("retention.ms", "1000")]),
        deletion_policy: DeletionPolicy::Delete,
        managed: true,
        deleting: false,
        has_finalizer: true,
    }
}

pub(crate) fn live() -> LiveTopic {
    LiveTopic {
        partitions: 3,
        replicas: 2,
        configs: [("retention.ms".into(), "1000".into())].into(),
        ..LiveTopic::default()
    }
}

pub(crate) fn remembered() -> Remembered {
    Remembered {
        applied: Some(4),
        name: Some("orders".to_owned()),
        id: None,
        configs: keys(&["retention.ms"]),
    }
}

pub(crate) struct Case {
    pub(crate) topic: Topic,
    pub(crate) owner: Option<ObjectKey>,
    pub(crate) access: Access,
    pub(crate) remembered: Remembered,
    pub(crate) live: Option<LiveTopic>,
}

/// The case where nothing is to be done, after one change.
pub(crate) fn when(change: impl FnOnce(&mut Case)) -> TopicPlan {
    let mut case = Case {
        topic: topic(),
        owner: Some(key("orders")),
        access: Access::Allowed,
        remembered: remembered(),
        live: Some(live()),
    };
    change(&mut case);
    let owner = case.owner.as_ref();
    plan_topic(
        &case.topic,
        owner,
        case.access,
        &case.remembered,
        case.live.as_ref(),
    )
}

pub(crate) fn set(pairs: &[(&str, &str)]) -> Action {
    Action::Alter {
        set: configs(pairs),
        reset: BTreeSet::new(),
    }
}

pub(crate) fn create() -> Action {
    Action::Create {
        partitions: Some(3),
        replicas: Some(2),
        configs: configs(&[("retention.ms", "1000")]),
    }
}

pub(crate) fn check(
    name: &str,
    plan: &TopicPlan,
    actions: &[Action],
    refusals: &[Refusal],
    drift: &[Drift],
) {
    assert_eq!(plan.actions, actions, "{name}");
    assert_eq!(plan.refusals, refusals, "{name}");
    assert_eq!(plan.drift, drift, "{name}");
}
