//! The table of every setting, by resource. This file finds rows; it does not know what they mean.

mod group;
mod groups;
mod log;
mod network;
mod node;
mod observe;
mod remote;
mod replication;
mod security;
mod share;
mod topic;
mod transactions;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::key::Key;

/// What a setting belongs to. Names are unique within a resource only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Topic,
    Broker,
    Group,
}

/// Broker settings under the headings of the reference page.
pub(crate) const BROKER_SECTIONS: &[(&str, &[Key])] = &[
    ("Node, quorum and metadata", node::KEYS),
    ("Listeners and network", network::KEYS),
    ("Topics and the log", log::KEYS),
    ("Replication, fetch and quotas", replication::KEYS),
    ("Groups and offsets", groups::KEYS),
    ("Share and streams groups", share::KEYS),
    ("Transactions and producers", transactions::KEYS),
    ("Remote storage", remote::KEYS),
    ("Security", security::KEYS),
    ("Providers, metrics and old files", observe::KEYS),
];

/// Settings that a listener may have for itself, as `listener.name.NAME.SETTING`.
pub(crate) const PER_LISTENER: &[&str] = &["max.connections", "max.connection.creation.rate"];

const LISTENER_PREFIX: &str = "listener.name.";

/// The name of a listener's own setting; Kafka writes listeners in small letters there.
pub(crate) fn listener_setting(listener: &str, name: &str) -> String {
    format!("{LISTENER_PREFIX}{}.{name}", listener.to_lowercase())
}

/// The row behind a listener's own setting.
pub(crate) fn of_listener(name: &str) -> Option<&'static Key> {
    let inner = name.strip_prefix(LISTENER_PREFIX)?;
    let own = PER_LISTENER.iter().find(|own| {
        let listener = inner.strip_suffix(*own);
        let listener = listener.and_then(|listener| listener.strip_suffix('.'));
        listener.is_some_and(|listener| !listener.is_empty())
    })?;
    Resource::Broker.key(own)
}

type ByName = BTreeMap<&'static str, &'static Key>;

static TOPIC: LazyLock<ByName> = LazyLock::new(|| by_name(topic::KEYS));
static GROUP: LazyLock<ByName> = LazyLock::new(|| by_name(group::KEYS));
static BROKER: LazyLock<ByName> = LazyLock::new(|| {
    let sections = BROKER_SECTIONS.iter();
    sections.flat_map(|(_, keys)| by_name(keys)).collect()
});

fn by_name(keys: &'static [Key]) -> ByName {
    keys.iter().map(|key| (key.name, key)).collect()
}

impl Resource {
    fn table(self) -> &'static ByName {
        match self {
            Self::Topic => &TOPIC,
            Self::Broker => &BROKER,
            Self::Group => &GROUP,
        }
    }

    /// The row of a setting.
    #[must_use]
    pub fn key(self, name: &str) -> Option<&'static Key> {
        self.table().get(name).copied()
    }

    /// Every row, by name.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        self.table().values().copied()
    }

    /// The known name that `name` was probably meant to be.
    #[must_use]
    pub fn nearest(self, name: &str) -> Option<&'static str> {
        /// Longer names are no typing errors, and the comparison is quadratic.
        const MAX_NAME_BYTES: usize = 100;
        if name.len() > MAX_NAME_BYTES {
            return None;
        }
        let (distance, known) = self
            .keys()
            .map(|key| (edit_distance(name, key.name), key.name))
            .min()?;
        // A third of the letters wrong is another word, not a slip.
        (distance <= name.len() / 3).then_some(known)
    }
}

/// Broker settings that stand for the same value, the strongest first: those that one topic
/// setting defaults to, otherwise the name alone.
pub(crate) fn broker_synonyms(name: &'static str) -> Vec<&'static str> {
    let together = Resource::Topic.keys().find(|key| {
        key.synonyms.len() > 1 && key.synonyms.iter().any(|synonym| synonym.name == name)
    });
    match together {
        // The scheduler's interval only lends its value; it is a setting of its own.
        Some(key) if name != "log.flush.scheduler.interval.ms" => {
            key.synonyms.iter().map(|synonym| synonym.name).collect()
        }
        _ => vec![name],
    }
}

/// Insertions, deletions and replacements that turn one name into the other.
fn edit_distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, given) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (column, wanted) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(given != wanted);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn every_default_is_valid_and_every_synonym_exists() {
        for resource in [Resource::Topic, Resource::Broker, Resource::Group] {
            for key in resource.keys() {
                if let Some(default) = key.default {
                    let value = value::parse(key.kind, default).expect(key.name);
                    assert_eq!(key.check.run(&value), Ok(()), "{}", key.name);
                    assert_eq!(value.to_text(), default, "{}", key.name);
                }
                for synonym in key.synonyms {
                    assert!(Resource::Broker.key(synonym.name).is_some(), "{synonym:?}");
                }
            }
        }
    }

    #[test]
    fn no_broker_setting_is_listed_twice() {
        let rows: usize = BROKER_SECTIONS.iter().map(|(_, keys)| keys.len()).sum();
        assert_eq!(rows, Resource::Broker.keys().count());
    }

    #[test]
    fn finds_the_row_behind_a_listeners_own_setting() {
        let cases = [
            (
                "listener.name.internal.max.connections",
                Some("max.connections"),
            ),
            (
                "listener.name.a.b.max.connection.creation.rate",
                Some("max.connection.creation.rate"),
            ),
            ("listener.name.max.connections", None),
            ("listener.name..max.connections", None),
            ("listener.name.a.num.partitions", None),
            ("max.connections", None),
        ];
        for (given, row) in cases {
            assert_eq!(of_listener(given).map(|key| key.name), row, "{given}");
        }
    }

    #[test]
    fn names_the_setting_that_was_probably_meant() {
        let cases = [
            ("log.retention.hour", Some("log.retention.hours")),
            ("num.partition", Some("num.partitions")),
            ("advertized.listeners", Some("advertised.listeners")),
            ("something.else.entirely", None),
            ("", None),
        ];
        for (given, meant) in cases {
            assert_eq!(Resource::Broker.nearest(given), meant, "{given}");
        }
    }

    #[test]
    fn finds_broker_settings_that_share_a_value() {
        let hours = broker_synonyms("log.retention.hours");
        assert_eq!(
            hours,
            [
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours"
            ]
        );
        assert_eq!(broker_synonyms("num.partitions"), ["num.partitions"]);
    }
}
