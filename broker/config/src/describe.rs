//! Settings as DescribeConfigs shows them: value, where it comes from, and what else was said.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::key::{Key, Kind, Status, Update};
use crate::keys::{Resource, broker_synonyms, of_listener};
use crate::settings::{BrokerLayers, Candidate, Settings, Source, resource_value};

/// One setting of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    pub name: Cow<'static, str>,
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
    pub name: Cow<'static, str>,
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
    let own = Resource::Broker.keys().map(|key| {
        let mut said = broker.candidates(&broker_synonyms(key.name));
        // The first one explains the value, so it must be about this very name.
        let about = said.iter().position(|c| c.name == key.name);
        said.drain(..about.unwrap_or(said.len()));
        let value = broker.value(key).map(|value| value.to_text());
        entry(key, value, said.iter().map(|c| shown(key, c)).collect())
    });
    own.chain(listener_entries(broker)).collect()
}

/// What listeners have for themselves.
fn listener_entries(broker: &BrokerLayers<'_>) -> Vec<ConfigEntry> {
    let layers = [
        (broker.broker, Source::DynamicBrokerConfig),
        (broker.cluster, Source::DynamicDefaultBrokerConfig),
        (broker.statics, Source::StaticBrokerConfig),
    ];
    let names: BTreeSet<&str> = layers.iter().flat_map(|(layer, _)| layer.names()).collect();
    let entries = names.into_iter().filter_map(|name| {
        let key = of_listener(name)?;
        let said = layers.iter().filter_map(|&(layer, source)| {
            Some(ConfigSynonym {
                name: name.to_owned().into(),
                value: Some(layer.text(name)?.to_owned()),
                source,
            })
        });
        let of_broker = broker.candidates(&[key.name]);
        let synonyms: Vec<_> = said
            .chain(of_broker.iter().map(|c| shown(key, c)))
            .collect();
        let value = synonyms.first()?.value.clone();
        Some(ConfigEntry {
            name: name.to_owned().into(),
            ..entry(key, value, synonyms)
        })
    });
    entries.collect()
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
    let of_listeners = cluster.names().into_iter().filter_map(|name| {
        let value = cluster.text(name).map(str::to_owned);
        let said = ConfigSynonym {
            name: name.to_owned().into(),
            value: value.clone(),
            source: Source::DynamicDefaultBrokerConfig,
        };
        Some(ConfigEntry {
            name: said.name.clone(),
            ..entry(of_listener(name)?, value, vec![said])
        })
    });
    entries.chain(of_listeners).collect()
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
            name: key.name.into(),
            value: Some(default.to_owned()),
            source: Source::DefaultConfig,
        });
    }
    entry(key, value, synonyms)
}

fn shown(key: &Key, candidate: &Candidate) -> ConfigSynonym {
    ConfigSynonym {
        name: candidate.name.into(),
        value: (!key.is_sensitive()).then(|| candidate.text.clone()),
        source: candidate.source,
    }
}

fn entry(key: &'static Key, value: Option<String>, synonyms: Vec<ConfigSynonym>) -> ConfigEntry {
    let strongest = synonyms.first();
    ConfigEntry {
        name: key.name.into(),
        value: value.filter(|_| !key.is_sensitive()),
        source: strongest.map_or(Source::DefaultConfig, |synonym| synonym.source),
        read_only: key.update == Update::ReadOnly,
        sensitive: key.is_sensitive(),
        synonyms,
        kind: key.kind,
        doc: key.doc,
    }
}
