//! Settings as DescribeConfigs shows them: value, where it comes from, and what else was said.

use crate::key::{Key, Kind, Status, Update};
use crate::keys::{Resource, broker_synonyms};
use crate::settings::{BrokerLayers, Candidate, Settings, Source, resource_value};

/// One setting of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    pub name: &'static str,
    /// `None` when nothing is set, or the value is a secret.
    pub value: Option<String>,
    pub source: Source,
    pub read_only: bool,
    pub sensitive: bool,
    /// Everything that was said about the value, the strongest first.
    pub synonyms: Vec<ConfigSynonym>,
    pub kind: Kind,
    pub doc: &'static str,
}

impl ConfigEntry {
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.source == Source::DefaultConfig
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    pub name: &'static str,
    /// `None` when the value is a secret.
    pub value: Option<String>,
    pub source: Source,
}

/// Every setting of a topic. Those for tests and for old tools appear only when they are set.
#[must_use]
pub fn describe_topic(own: &dyn Settings, broker: &BrokerLayers<'_>) -> Vec<ConfigEntry> {
    let keys = Resource::Topic.keys();
    let shown = keys.filter(|key| {
        let hidden = key.name.starts_with("internal.") || key.status == Status::NoEffect;
        !hidden || own.text(key.name).is_some()
    });
    shown
        .map(|key| resource_entry(key, own, Source::TopicConfig, broker))
        .collect()
}

/// Every setting of a group.
#[must_use]
pub fn describe_group(own: &dyn Settings, broker: &BrokerLayers<'_>) -> Vec<ConfigEntry> {
    Resource::Group
        .keys()
        .map(|key| resource_entry(key, own, Source::GroupConfig, broker))
        .collect()
}

/// Every setting of one broker.
#[must_use]
pub fn describe_broker(broker: &BrokerLayers<'_>) -> Vec<ConfigEntry> {
    Resource::Broker
        .keys()
        .map(|key| {
            let mut said = broker.candidates(&broker_synonyms(key.name));
            // The first one explains the value, so it must be about this very name.
            let about = said.iter().position(|c| c.name == key.name);
            said.drain(..about.unwrap_or(said.len()));
            let value = broker.value(key).map(|value| value.to_text());
            entry(key, value, said.iter().map(|c| shown(key, c)).collect())
        })
        .collect()
}

/// The settings that were changed for all brokers, and only those.
#[must_use]
pub fn describe_cluster(cluster: &dyn Settings) -> Vec<ConfigEntry> {
    let entries = Resource::Broker.keys().filter_map(|key| {
        let said = Candidate {
            name: key.name,
            text: cluster.text(key.name)?.to_owned(),
            source: Source::DynamicDefaultBrokerConfig,
        };
        Some(entry(key, Some(said.text.clone()), vec![shown(key, &said)]))
    });
    entries.collect()
}

fn resource_entry(
    key: &'static Key,
    own: &dyn Settings,
    source: Source,
    broker: &BrokerLayers<'_>,
) -> ConfigEntry {
    let names: Vec<_> = key.synonyms.iter().map(|synonym| synonym.name).collect();
    let lent = broker.candidates(&names);
    let said = own.text(key.name).map(|text| Candidate {
        name: key.name,
        text: text.to_owned(),
        source,
    });
    let value = resource_value(key, own, broker).map(|value| value.to_text());
    let mut synonyms: Vec<_> = said
        .iter()
        .chain(&lent)
        .map(|candidate| shown(key, candidate))
        .collect();
    // A setting the broker has no word for explains itself.
    if let (true, Some(default)) = (key.synonyms.is_empty(), key.default) {
        synonyms.push(ConfigSynonym {
            name: key.name,
            value: Some(default.to_owned()),
            source: Source::DefaultConfig,
        });
    }
    entry(key, value, synonyms)
}

fn shown(key: &Key, candidate: &Candidate) -> ConfigSynonym {
    ConfigSynonym {
        name: candidate.name,
        value: (!key.is_sensitive()).then(|| candidate.text.clone()),
        source: candidate.source,
    }
}

fn entry(key: &'static Key, value: Option<String>, synonyms: Vec<ConfigSynonym>) -> ConfigEntry {
    let strongest = synonyms.first();
    ConfigEntry {
        name: key.name,
        value: value.filter(|_| !key.is_sensitive()),
        source: strongest.map_or(Source::DefaultConfig, |synonym| synonym.source),
        read_only: key.update == Update::ReadOnly,
        sensitive: key.is_sensitive(),
        synonyms,
        kind: key.kind,
        doc: key.doc,
    }
}
