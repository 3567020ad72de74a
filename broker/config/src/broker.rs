//! What a broker's settings mean: raw text in, [`BrokerConfig`] out, in parts small enough to
//! hand to each subsystem. After this nobody reads the text again, except to describe it.

mod groups;
mod listeners;
mod node;
mod ranges;
mod storage;
mod traffic;
mod transactions;

use std::fmt;

use crate::error::ConfigError;
use crate::findings::Findings;
use crate::key::Status;
use crate::keys::{Resource, of_listener};
use crate::raw::{Origin, RawConfig};
use crate::settings::{BrokerLayers, Settings};
use crate::topic::TopicConfig;
use crate::value;
use crate::values::Values;

pub(crate) use ranges::check as check_ranges;

pub use groups::{
    ClassicGroupsConfig, Codec, ConsumerGroupsConfig, GroupTiming, GroupsConfig, MigrationPolicy,
    OffsetsConfig, Protocols, ShareGroupsConfig, StateTopicConfig, StreamsGroupsConfig,
    TimingRange,
};
pub use listeners::{ListenerConfig, Listeners, SecurityProtocol};
pub use node::{Endpoint, NodeConfig, QuorumConfig, Voter};
pub use storage::{CleanerConfig, MetadataLogConfig, StorageConfig, TopicsConfig};
pub use traffic::{
    ConnectionLimit, FetchConfig, ListenerLimit, MetricsConfig, NetworkConfig, ReplicationConfig,
};
pub use transactions::TransactionsConfig;

/// Everything one broker or controller was told. All times are milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerConfig {
    pub node: NodeConfig,
    pub listeners: Listeners,
    pub network: NetworkConfig,
    pub storage: StorageConfig,
    pub cleaner: CleanerConfig,
    pub topics: TopicsConfig,
    /// What a topic without settings of its own has.
    pub topic_defaults: TopicConfig,
    pub fetch: FetchConfig,
    pub replication: ReplicationConfig,
    pub quorum: QuorumConfig,
    pub metadata_log: MetadataLogConfig,
    pub groups: GroupsConfig,
    pub offsets: OffsetsConfig,
    pub transactions: TransactionsConfig,
    pub metrics: MetricsConfig,
}

/// Something the user should know, though the broker can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A name that means nothing here, and the one it may have been meant to be.
    UnknownKey {
        key: String,
        origin: Origin,
        nearest: Option<&'static str>,
    },
    /// The feature behind the setting does not exist in this version.
    NotServed { key: &'static str, origin: Origin },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey {
                key,
                origin,
                nearest,
            } => {
                write!(f, "{origin}: unknown setting {key}")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean {nearest}?"),
                    None => Ok(()),
                }
            }
            Self::NotServed { key, origin } => {
                write!(f, "{origin}: {key} is not served by this version")
            }
        }
    }
}

/// Keys below these prefixes belong to a listener, a provider or a plug-in.
const OPEN_PREFIXES: &[&str] = &[
    "listener.name.",
    "config.providers.",
    "remote.log.storage.",
    "remote.log.metadata.",
    "rlmm.config.",
    "rsm.config.",
    "sasl.",
    "ssl.",
];

impl BrokerConfig {
    /// # Errors
    /// One error that lists every setting that cannot be used.
    pub fn from_raw(raw: &RawConfig) -> Result<(Self, Vec<Warning>), ConfigError> {
        let mut findings = Findings::about(raw);
        let mut warnings = Vec::new();
        for (name, setting) in raw.iter() {
            let origin = setting.origin.clone();
            let Some(key) = Resource::Broker.key(name).or_else(|| of_listener(name)) else {
                if !OPEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                    warnings.push(Warning::UnknownKey {
                        key: name.to_owned(),
                        origin,
                        nearest: Resource::Broker.nearest(name),
                    });
                }
                continue;
            };
            // What says the default asks for nothing, and what is built in nobody said.
            let asks = origin != Origin::BuiltIn && key.default != Some(setting.value.trim());
            if key.status == Status::NotYet && asks {
                let key = key.name;
                warnings.push(Warning::NotServed { key, origin });
            }
            let checked =
                value::parse(key.kind, &setting.value).and_then(|value| key.check.run(&value));
            if let Err(reason) = checked {
                findings.refuse(name, reason);
            }
        }
        let layers = BrokerLayers::at_start(raw);
        let values = Values::of_broker(&layers);
        let config = Self::read(&values, &layers, &mut findings);
        ranges::check(&values, &mut findings);
        findings.into_result()?;
        Ok((config, warnings))
    }

    /// The configuration after settings changed while the broker runs. Changes were checked when
    /// they came; who the node is and where it listens stays as it was at the start.
    #[must_use]
    pub fn with_updates(
        &self,
        raw: &RawConfig,
        cluster: &dyn Settings,
        broker: &dyn Settings,
    ) -> Self {
        let layers = BrokerLayers {
            broker,
            cluster,
            statics: raw,
        };
        let values = Values::of_broker(&layers);
        let mut ignored = Findings::about(raw);
        Self {
            node: self.node.clone(),
            listeners: self.listeners.clone(),
            quorum: self.quorum.clone(),
            network: NetworkConfig::read(&values, &layers, &self.listeners),
            ..Self::read(&values, &layers, &mut ignored)
        }
    }

    pub(crate) fn read(
        values: &Values,
        layers: &BrokerLayers<'_>,
        findings: &mut Findings<'_>,
    ) -> Self {
        let node = NodeConfig::read(values, findings);
        let storage = StorageConfig::read(values, findings);
        let listeners = Listeners::read(values, &node, findings);
        Self {
            quorum: QuorumConfig::read(values, &node, findings),
            network: NetworkConfig::read(values, layers, &listeners),
            cleaner: CleanerConfig::read(values),
            topics: TopicsConfig::read(values),
            topic_defaults: TopicConfig::resolve(&(), layers),
            fetch: FetchConfig::read(values),
            replication: ReplicationConfig::read(values),
            metadata_log: MetadataLogConfig::read(values, &storage.dirs),
            storage,
            groups: GroupsConfig::read(values, findings),
            offsets: OffsetsConfig::read(values, findings),
            transactions: TransactionsConfig::read(values),
            metrics: MetricsConfig::read(values, findings),
            listeners,
            node,
        }
    }
}
