//! Which value of a setting holds: the topic's own, the broker's, the cluster's, the file's or
//! the default. Pure look-ups, parsed only where the value is used.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::key::{Key, Synonym};
use crate::keys::{Resource, listener_setting};
use crate::value::{self, Value};

/// Settings as text, by name: a file, a map of overrides, or nothing (`()`).
pub trait Settings {
    fn text(&self, name: &str) -> Option<&str>;

    /// The names of what is set, where they can be listed.
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Settings for () {
    fn text(&self, _: &str) -> Option<&str> {
        None
    }
}

impl Settings for BTreeMap<String, String> {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl Settings for BTreeMap<Arc<str>, Arc<str>> {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(AsRef::as_ref)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(AsRef::as_ref).collect()
    }
}

/// Where a value comes from, numbered as DescribeConfigs numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Source {
    TopicConfig = 1,
    DynamicBrokerConfig = 2,
    DynamicDefaultBrokerConfig = 3,
    StaticBrokerConfig = 4,
    DefaultConfig = 5,
    GroupConfig = 8,
}

impl Source {
    /// The number that DescribeConfigs sends.
    #[must_use]
    pub const fn code(self) -> i8 {
        self as i8
    }
}

/// What one broker was told, the strongest first.
#[derive(Clone, Copy)]
pub struct BrokerLayers<'a> {
    /// Changed on this broker while it runs.
    pub broker: &'a dyn Settings,
    /// Changed for all brokers while they run.
    pub cluster: &'a dyn Settings,
    /// Said at the start.
    pub statics: &'a dyn Settings,
}

/// A broker setting that stands for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub name: &'static str,
    /// As it was said, in the unit of its own name.
    pub text: String,
    pub source: Source,
}

impl<'a> BrokerLayers<'a> {
    /// The layers of a broker that nobody changed since its start.
    #[must_use]
    pub fn at_start(statics: &'a dyn Settings) -> Self {
        Self {
            broker: &(),
            cluster: &(),
            statics,
        }
    }

    /// Everything said about the names, the strongest first: a stronger layer beats a stronger
    /// name.
    #[must_use]
    pub fn candidates(&self, names: &[&'static str]) -> Vec<Candidate> {
        let layers = [
            (self.broker, Source::DynamicBrokerConfig),
            (self.cluster, Source::DynamicDefaultBrokerConfig),
            (self.statics, Source::StaticBrokerConfig),
            (&Defaults as &dyn Settings, Source::DefaultConfig),
        ];
        let mut found = Vec::new();
        for (layer, source) in layers {
            found.extend(names.iter().filter_map(|&name| {
                let text = layer.text(name)?.to_owned();
                Some(Candidate { name, text, source })
            }));
        }
        found
    }

    /// The value of a broker setting itself, without its synonyms; `None` when it is not set. A
    /// stored value that cannot be read is passed over.
    #[must_use]
    pub fn value(&self, key: &'static Key) -> Option<Value> {
        let said = self.candidates(&[key.name]);
        said.iter().find_map(|candidate| read(key, &candidate.text))
    }

    /// The value that a listener has for itself; `None` when it has none.
    #[must_use]
    pub(crate) fn of_listener(&self, listener: &str, key: &Key) -> Option<Value> {
        let name = listener_setting(listener, key.name);
        let layers = [self.broker, self.cluster, self.statics];
        let mut said = layers.iter().filter_map(|layer| layer.text(&name));
        said.find_map(|text| read(key, text))
    }

    /// The value that a topic or group setting has when it is not set itself.
    #[must_use]
    pub fn default_of(&self, key: &Key) -> Option<Value> {
        let names: Vec<_> = key.synonyms.iter().map(|synonym| synonym.name).collect();
        let said = self.candidates(&names);
        said.iter()
            .find_map(|candidate| scaled(key, candidate))
            .or_else(|| read(key, key.default?))
    }
}

/// The table's own defaults, as the weakest layer.
struct Defaults;

impl Settings for Defaults {
    fn text(&self, name: &str) -> Option<&str> {
        Resource::Broker.key(name)?.default
    }
}

fn read(key: &Key, text: &str) -> Option<Value> {
    let value = value::parse(key.kind, text).ok()?;
    key.check.run(&value).is_ok().then_some(value)
}

/// A broker's value in the unit of the topic setting; -1 is "no limit" in every unit.
fn scaled(key: &Key, candidate: &Candidate) -> Option<Value> {
    let is_candidate = |synonym: &&Synonym| synonym.name == candidate.name;
    let scale = key.synonyms.iter().find(is_candidate)?.scale;
    if scale == 1 {
        return read(key, &candidate.text);
    }
    let given: i64 = candidate.text.trim().parse().ok()?;
    let value = if given < 0 {
        given
    } else {
        given.saturating_mul(scale)
    };
    Some(Value::Long(value))
}

/// A value of a topic or group: its own when that can be read, else what the broker lends.
pub(crate) fn resource_value(
    key: &Key,
    own: &dyn Settings,
    broker: &BrokerLayers<'_>,
) -> Option<Value> {
    own.text(key.name)
        .and_then(|text| read(key, text))
        .or_else(|| broker.default_of(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |&(name, text): &(&str, &str)| (name.to_owned(), text.to_owned());
        entries.iter().map(owned).collect()
    }

    /// own, broker, cluster, static -> retention.ms
    #[test]
    fn the_strongest_word_about_retention_wins() {
        type Said<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Said<'_>, Said<'_>, Said<'_>, Said<'_>, i64); 7] = [
            (&[], &[], &[], &[], 604_800_000),
            (&[], &[], &[], &[("log.retention.hours", "1")], 3_600_000),
            (&[], &[], &[], &[("log.retention.hours", "-1")], -1),
            (
                &[],
                &[],
                &[],
                &[("log.retention.hours", "1"), ("log.retention.minutes", "2")],
                120_000,
            ),
            (
                &[],
                &[],
                &[("log.retention.ms", "5")],
                &[("log.retention.minutes", "2")],
                5,
            ),
            (
                &[],
                &[("log.retention.ms", "6")],
                &[("log.retention.ms", "5")],
                &[],
                6,
            ),
            (
                &[("retention.ms", "7")],
                &[("log.retention.ms", "6")],
                &[],
                &[],
                7,
            ),
        ];
        let key = Resource::Topic.key("retention.ms").unwrap();
        for (own, broker, cluster, statics, expected) in cases {
            let (broker, cluster, statics) =
                (settings(broker), settings(cluster), settings(statics));
            let layers = BrokerLayers {
                broker: &broker,
                cluster: &cluster,
                statics: &statics,
            };
            let value = resource_value(key, &settings(own), &layers);
            assert_eq!(value, Some(Value::Long(expected)));
        }
    }

    #[test]
    fn a_stored_value_that_cannot_be_read_is_passed_over() {
        let own = settings(&[("segment.bytes", "12")]);
        let key = Resource::Topic.key("segment.bytes").unwrap();
        let value = resource_value(key, &own, &BrokerLayers::at_start(&()));
        assert_eq!(value, Some(Value::Int(1_073_741_824)));
    }
}
