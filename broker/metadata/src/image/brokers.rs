//! The brokers that registered, with where to reach them and whether they may serve.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::{NodeId, Uuid};
use millrace_wire::records::metadata::register_broker_record::{
    BrokerEndpoint, BrokerFeature, RegisterBrokerRecord,
};

/// One way to reach a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name.
    pub listener: Arc<str>,
    pub host: Arc<str>,
    pub port: u16,
    pub security_protocol: i16,
}

/// The levels of a feature that a broker can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelRange {
    pub min: i16,
    pub max: i16,
}

impl LevelRange {
    #[must_use]
    pub fn contains(self, level: i16) -> bool {
        (self.min..=self.max).contains(&level)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    pub id: NodeId,
    /// Grows with every registration; requests of an earlier one are refused.
    pub epoch: i64,
    /// New with every start of the process.
    pub incarnation: Uuid,
    pub endpoints: Vec<Endpoint>,
    pub features: BTreeMap<Arc<str>, LevelRange>,
    pub rack: Option<Arc<str>>,
    /// May not lead, and clients do not see it.
    pub fenced: bool,
    pub shutting_down: bool,
    pub log_dirs: Vec<Uuid>,
}

impl Broker {
    /// Whether it may lead partitions and join in-sync sets.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !(self.fenced || self.shutting_down)
    }

    #[must_use]
    pub fn endpoint(&self, listener: &str) -> Option<&Endpoint> {
        self.endpoints
            .iter()
            .find(|endpoint| &*endpoint.listener == listener)
    }

    pub(crate) fn from_record(record: &RegisterBrokerRecord) -> Self {
        let endpoint = |endpoint: &BrokerEndpoint| Endpoint {
            listener: Arc::clone(&endpoint.name),
            host: Arc::clone(&endpoint.host),
            port: endpoint.port,
            security_protocol: endpoint.security_protocol,
        };
        let feature = |feature: &BrokerFeature| {
            let range = LevelRange {
                min: feature.min_supported_version,
                max: feature.max_supported_version,
            };
            (Arc::clone(&feature.name), range)
        };
        Self {
            id: NodeId(record.broker_id),
            epoch: record.broker_epoch,
            incarnation: record.incarnation_id,
            endpoints: record.end_points.iter().map(endpoint).collect(),
            features: record.features.iter().map(feature).collect(),
            rack: record.rack.clone(),
            fenced: record.fenced,
            shutting_down: record.in_controlled_shutdown,
            log_dirs: record.log_dirs.clone(),
        }
    }

    pub(crate) fn to_record(&self) -> RegisterBrokerRecord {
        let endpoint = |endpoint: &Endpoint| BrokerEndpoint {
            name: Arc::clone(&endpoint.listener),
            host: Arc::clone(&endpoint.host),
            port: endpoint.port,
            security_protocol: endpoint.security_protocol,
        };
        let feature = |(name, range): (&Arc<str>, &LevelRange)| BrokerFeature {
            name: Arc::clone(name),
            min_supported_version: range.min,
            max_supported_version: range.max,
        };
        RegisterBrokerRecord {
            broker_id: self.id.0,
            incarnation_id: self.incarnation,
            broker_epoch: self.epoch,
            end_points: self.endpoints.iter().map(endpoint).collect(),
            features: self.features.iter().map(feature).collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.shutting_down,
            log_dirs: self.log_dirs.clone(),
            ..RegisterBrokerRecord::default()
        }
    }
}

/// By id. A fleet has few brokers, so a change copies the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brokers {
    by_id: Arc<BTreeMap<NodeId, Arc<Broker>>>,
}

impl Brokers {
    #[must_use]
    pub fn get(&self, id: NodeId) -> Option<&Arc<Broker>> {
        self.by_id.get(&id)
    }

    /// Whether the broker is registered and may lead.
    #[must_use]
    pub fn is_active(&self, id: NodeId) -> bool {
        self.get(id).is_some_and(|broker| broker.is_active())
    }

    /// Ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Broker>> {
        self.by_id.values()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn insert(&mut self, broker: Broker) {
        Arc::make_mut(&mut self.by_id).insert(broker.id, Arc::new(broker));
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> Option<&mut Broker> {
        Arc::make_mut(&mut self.by_id)
            .get_mut(&id)
            .map(Arc::make_mut)
    }

    pub(crate) fn remove(&mut self, id: NodeId) {
        Arc::make_mut(&mut self.by_id).remove(&id);
    }
}
