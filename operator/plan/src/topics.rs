//! Topics: what a resource asks for against what is there. What the resource leaves out is left
//! alone; a key that the operator itself set and that is gone from the spec goes back to its default.
//!
//! The memory of that is [`Remembered`]: it is written with the status, which every change writes
//! anyway. A key set right before a crash and taken out of the spec before the restart is therefore
//! left as it is: the operator never resets what it is not sure to have set.

mod claims;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use millrace_model::{DeletionPolicy, ObjectKey, Topic};
use millrace_types::Uuid;

pub use claims::{Claim, winner};
pub use outcome::{Action, Drift, Refusal};

use crate::value::same_value;

/// A topic as the cluster has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveTopic {
    pub id: Uuid,
    pub partitions: i32,
    /// Of the first partition; a reassignment may have others on their way.
    pub replicas: i16,
    /// What is set on the topic itself.
    pub configs: BTreeMap<Arc<str>, Arc<str>>,
}

/// What the resource's status remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The generation that is in force.
    pub applied: Option<i64>,
    /// The topic's name in Kafka; it stays what it was first.
    pub name: Option<String>,
    pub id: Option<Uuid>,
    /// Keys that the operator set.
    pub configs: BTreeSet<String>,
}

/// The cluster that the resource refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Allowed,
    /// The resource's namespace may not keep topics of it.
    NamespaceNotAllowed,
    /// Nothing is changed for now.
    Paused,
    /// There is no such cluster.
    Gone,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPlan {
    /// Which topic of the cluster it is about.
    pub name: String,
    pub actions: Vec<Action>,
    pub refusals: Vec<Refusal>,
    pub drift: Vec<Drift>,
    /// What to remember once all actions are done.
    pub configs: BTreeSet<String>,
}

/// What to do about one resource. `owner` has won the topic's name, see [`winner`].
#[must_use]
pub fn plan_topic(
    topic: &Topic,
    owner: Option<&ObjectKey>,
    access: Access,
    remembered: &Remembered,
    live: Option<&LiveTopic>,
) -> TopicPlan {
    let mut plan = TopicPlan {
        name: effective_name(topic, remembered).to_owned(),
        configs: remembered.configs.clone(),
        ..TopicPlan::default()
    };
    plan.refusals.extend(refused_whole(topic, owner, access));
    if access == Access::Paused {
        return plan;
    }
    let hands_off = !topic.managed || !plan.refusals.is_empty();
    let deletes = !hands_off && topic.deletion_policy == DeletionPolicy::Delete;
    if topic.deleting {
        if topic.has_finalizer {
            let there = deletes && live.is_some();
            plan.actions.extend(there.then_some(Action::Delete));
            plan.actions.push(Action::Release);
        }
        return plan;
    }
    // Only who may have to delete a topic holds its resource.
    match (topic.has_finalizer, deletes) {
        (true, false) => plan.actions.push(Action::Release),
        (false, true) => plan.actions.push(Action::Hold),
        (true, true) | (false, false) => {}
    }
    if !hands_off {
        if plan.name != topic.name {
            plan.refusals.push(Refusal::Renamed {
                is: plan.name.clone(),
                wanted: topic.name.clone(),
            });
        }
        plan.configs = topic.configs.keys().cloned().collect();
        bring_in_line(&mut plan, topic, remembered, live);
    }
    plan
}

/// The name that the resource's topic has: a later one in the spec is refused.
#[must_use]
pub fn effective_name<'a>(topic: &'a Topic, remembered: &'a Remembered) -> &'a str {
    remembered.name.as_deref().unwrap_or(&topic.name)
}

fn refused_whole(topic: &Topic, owner: Option<&ObjectKey>, access: Access) -> Option<Refusal> {
    if !topic.managed {
        return None;
    }
    match access {
        Access::Gone => Some(Refusal::ClusterGone),
        Access::NamespaceNotAllowed => Some(Refusal::ClusterNotAllowed),
        Access::Paused => Some(Refusal::ClusterPaused),
        Access::Allowed => {
            owner
                .filter(|owner| **owner != topic.key)
                .map(|owner| Refusal::NameConflict {
                    owner: owner.clone(),
                })
        }
    }
}

fn bring_in_line(
    plan: &mut TopicPlan,
    topic: &Topic,
    remembered: &Remembered,
    live: Option<&LiveTopic>,
) {
    let was_applied = remembered.applied == Some(topic.generation);
    let Some(live) = live else {
        plan.drift.extend(was_applied.then_some(Drift::Missing));
        plan.actions.push(Action::Create {
            partitions: topic.partitions,
            replicas: topic.replicas,
            configs: topic.configs.clone(),
        });
        return;
    };
    let has = live.partitions;
    match topic.partitions {
        Some(wanted) if wanted > has => {
            let drift = Drift::Partitions {
                found: has,
                put_back: wanted,
            };
            plan.drift.extend(was_applied.then_some(drift));
            plan.actions.push(Action::Grow { partitions: wanted });
        }
        Some(wanted) if wanted < has => {
            plan.refusals
                .push(Refusal::PartitionDecrease { has, wanted });
        }
        Some(_) | None => {}
    }
    let has = live.replicas;
    if let Some(wanted) = topic.replicas.filter(|&wanted| wanted != has) {
        plan.refusals
            .push(Refusal::ReplicationChange { has, wanted });
    }
    alter(plan, topic, remembered, live, was_applied);
}

fn alter(
    plan: &mut TopicPlan,
    topic: &Topic,
    remembered: &Remembered,
    live: &LiveTopic,
    was_applied: bool,
) {
    let mut set = BTreeMap::new();
    for (key, wanted) in &topic.configs {
        let found = live.configs.get(key.as_str());
        if found.is_some_and(|found| same_value(found, wanted)) {
            continue;
        }
        if was_applied {
            plan.drift.push(Drift::Config {
                key: key.clone(),
                found: found.map(|found| found.to_string()),
                put_back: wanted.clone(),
            });
        }
        set.insert(key.clone(), wanted.clone());
    }
    let gone = remembered
        .configs
        .iter()
        .filter(|key| !topic.configs.contains_key(*key) && live.configs.contains_key(key.as_str()));
    let reset: BTreeSet<_> = gone.cloned().collect();
    if !(set.is_empty() && reset.is_empty()) {
        plan.actions.push(Action::Alter { set, reset });
    }
}
