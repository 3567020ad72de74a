//! A broker's properties: what is wanted against what the broker itself tells. What can change while
//! it runs is changed for all brokers at once; what cannot is told as the reason of a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::value::same_value;

/// Where a broker has a setting from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Set on this broker while it runs.
    ThisBroker,
    /// Set on all brokers while they run.
    AllBrokers,
    /// The properties file that it started with.
    File,
    Default,
}

/// A setting as a broker tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub name: Arc<str>,
    /// `None` when it is not set, or sensitive.
    pub value: Option<Arc<str>>,
    pub source: Source,
    /// Only a restart changes it.
    pub read_only: bool,
    pub sensitive: bool,
}

/// A property that the running broker does not have as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedsRestart {
    Changed {
        key: String,
        has: Option<String>,
        wanted: String,
    },
    /// The broker started with it, and would fall back to that value.
    Removed { key: String },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigPlan {
    /// For all brokers at once.
    pub set: BTreeMap<String, String>,
    /// Settings for all brokers that are no longer wanted.
    pub reset: BTreeSet<String>,
    /// Settings of this broker alone that hide what is wanted.
    pub reset_here: BTreeSet<String>,
    pub restart: Vec<NeedsRestart>,
    /// Keys the broker does not know; it ignores them.
    pub unknown: BTreeSet<String>,
    /// Keys whose value cannot be compared: secrets, and what the broker looks up when it starts.
    /// Only a hash of the file tells whether they changed.
    pub opaque: BTreeSet<String>,
    /// What to remember as the operator's once this is done: what is wanted, and what is no longer
    /// wanted and still there.
    pub ours: BTreeSet<String>,
}

/// Compares the properties in a broker's file with its own account. `ours` are the keys that the
/// operator has put there before; whatever else is set is somebody else's, and stays.
#[must_use]
pub fn plan_configs(
    wanted: &BTreeMap<String, String>,
    told: &[Told],
    ours: &BTreeSet<String>,
) -> ConfigPlan {
    let told: BTreeMap<&str, &Told> = told.iter().map(|told| (&*told.name, told)).collect();
    let mut plan = ConfigPlan {
        ours: wanted.keys().cloned().collect(),
        ..ConfigPlan::default()
    };
    for (key, value) in wanted {
        match told.get(key.as_str()) {
            Some(told) => plan.compare(key, value, told),
            None => {
                plan.unknown.insert(key.clone());
            }
        }
    }
    for key in ours.iter().filter(|key| !wanted.contains_key(*key)) {
        if let Some(told) = told.get(key.as_str()) {
            plan.let_go(key, told);
        }
    }
    plan
}

impl ConfigPlan {
    fn compare(&mut self, key: &str, wanted: &str, told: &Told) {
        let is_looked_up = wanted.contains("${");
        if told.sensitive || is_looked_up {
            self.opaque.insert(key.to_owned());
            return;
        }
        let has = told.value.as_deref();
        if has.is_some_and(|has| same_value(has, wanted)) {
            return;
        }
        if told.read_only {
            self.restart.push(NeedsRestart::Changed {
                key: key.to_owned(),
                has: has.map(ToOwned::to_owned),
                wanted: wanted.to_owned(),
            });
            return;
        }
        self.set.insert(key.to_owned(), wanted.to_owned());
        if told.source == Source::ThisBroker {
            self.reset_here.insert(key.to_owned());
        }
    }

    /// A key that is not wanted any more goes in two steps: first the value set while brokers run,
    /// then, where the broker falls back to the file that it started with, a restart.
    fn let_go(&mut self, key: &str, told: &Told) {
        match told.source {
            Source::AllBrokers => {
                self.reset.insert(key.to_owned());
            }
            Source::File => self.restart.push(NeedsRestart::Removed {
                key: key.to_owned(),
            }),
            // What somebody set on one broker is theirs; below it nothing is left of ours.
            Source::ThisBroker | Source::Default => return,
        }
        self.ours.insert(key.to_owned());
    }
}

impl fmt::Display for NeedsRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed {
                key,
                has: Some(has),
                wanted,
            } => write!(f, "{key} is {has} and becomes {wanted}"),
            Self::Changed { key, wanted, .. } => write!(f, "{key} becomes {wanted}"),
            Self::Removed { key } => write!(f, "{key} is no longer set"),
        }
    }
}
