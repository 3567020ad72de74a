//! What was set on topics, brokers, groups and client metrics, as text. What the text means is
//! the configuration crate's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

/// Settings of one resource, by name.
pub type ConfigMap = BTreeMap<Arc<str>, Arc<str>>;

type ByName = RedBlackTreeMapSync<Arc<str>, Arc<ConfigMap>>;

static NOTHING: ConfigMap = ConfigMap::new();

/// The broker resource that stands for all brokers.
pub const ALL_BROKERS: &str = "";

/// What settings belong to, numbered as Kafka numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ResourceKind {
    Topic = 2,
    Broker = 4,
    ClientMetrics = 16,
    Group = 32,
}

impl ResourceKind {
    pub const ALL: [Self; 4] = [Self::Topic, Self::Broker, Self::ClientMetrics, Self::Group];

    #[must_use]
    pub const fn code(self) -> i8 {
        self as i8
    }

    #[must_use]
    pub fn from_code(code: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One thing that can have settings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    pub kind: ResourceKind,
    pub name: Arc<str>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configs {
    topics: ByName,
    brokers: ByName,
    client_metrics: ByName,
    groups: ByName,
}

impl Configs {
    /// What is set on a resource; empty when nothing is.
    #[must_use]
    pub fn of(&self, kind: ResourceKind, name: &str) -> &ConfigMap {
        self.shared(kind, name).map_or(&NOTHING, AsRef::as_ref)
    }

    /// Resources of a kind that have settings, ordered by name.
    pub fn resources(&self, kind: ResourceKind) -> impl Iterator<Item = (&Arc<str>, &ConfigMap)> {
        self.by_name(kind)
            .iter()
            .map(|(name, settings)| (name, &**settings))
    }

    pub(crate) fn shared(&self, kind: ResourceKind, name: &str) -> Option<&Arc<ConfigMap>> {
        self.by_name(kind).get(name)
    }

    /// Sets, or with `None` takes away, one setting.
    pub(crate) fn set(
        &mut self,
        resource: &ConfigResource,
        key: &Arc<str>,
        value: Option<&Arc<str>>,
    ) {
        let by_name = self.by_name_mut(resource.kind);
        let mut settings = by_name.get(&resource.name).cloned().unwrap_or_default();
        let map = Arc::make_mut(&mut settings);
        match value {
            Some(value) => map.insert(Arc::clone(key), Arc::clone(value)),
            None => map.remove(key),
        };
        if settings.is_empty() {
            by_name.remove_mut(&resource.name);
        } else {
            by_name.insert_mut(Arc::clone(&resource.name), settings);
        }
    }

    pub(crate) fn remove(&mut self, kind: ResourceKind, name: &str) {
        self.by_name_mut(kind).remove_mut(name);
    }

    fn by_name(&self, kind: ResourceKind) -> &ByName {
        match kind {
            ResourceKind::Topic => &self.topics,
            ResourceKind::Broker => &self.brokers,
            ResourceKind::ClientMetrics => &self.client_metrics,
            ResourceKind::Group => &self.groups,
        }
    }

    fn by_name_mut(&mut self, kind: ResourceKind) -> &mut ByName {
        match kind {
            ResourceKind::Topic => &mut self.topics,
            ResourceKind::Broker => &mut self.brokers,
            ResourceKind::ClientMetrics => &mut self.client_metrics,
            ResourceKind::Group => &mut self.groups,
        }
    }
}
