//! What decisions look at besides the request: the image, the settings of the node that decides,
//! and randomness as a value.

use millrace_config::{BrokerLayers, Key, Resource, Settings, Value};
use millrace_types::{ErrorCode, NodeId, Uuid};

use crate::image::MetadataImage;
use crate::image::brokers::Broker;
use crate::image::configs::{ALL_BROKERS, ResourceKind};

/// Where the unpredictable comes from.
pub trait Entropy {
    /// An id that no one has.
    fn id(&mut self) -> Uuid;
    /// Any number.
    fn number(&mut self) -> usize;
}

/// What every decision looks at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub image: &'a MetadataImage,
    /// The node that decides.
    pub node: NodeId,
    /// What that node was told at its start.
    pub statics: &'a dyn Settings,
}

impl<'a> Context<'a> {
    /// Calls `ask` with the settings of the deciding node. What the fleet agreed on while it runs
    /// beats what one node was told at its start.
    pub(crate) fn with_layers<T>(&self, ask: impl FnOnce(&BrokerLayers<'_>) -> T) -> T {
        let configs = &self.image.configs;
        ask(&BrokerLayers {
            broker: configs.of(ResourceKind::Broker, &self.node.to_string()),
            cluster: configs.of(ResourceKind::Broker, ALL_BROKERS),
            statics: self.statics,
        })
    }

    /// The broker that a request comes from.
    ///
    /// # Errors
    /// When it is not registered, or was registered again since.
    pub(crate) fn sender(&self, broker_id: i32, epoch: i64) -> Result<&'a Broker, ErrorCode> {
        let broker = self.image.brokers.get(NodeId(broker_id));
        let broker = broker.filter(|broker| broker.epoch == epoch);
        broker.map(AsRef::as_ref).ok_or(ErrorCode::StaleBrokerEpoch)
    }

    /// A whole-number setting of the broker.
    pub(crate) fn broker_number(&self, name: &str) -> i64 {
        let value = self.with_layers(|layers| layers.value(known(Resource::Broker, name)));
        number(value.as_ref())
    }

    pub(crate) fn broker_flag(&self, name: &str) -> bool {
        let value = self.with_layers(|layers| layers.value(known(Resource::Broker, name)));
        matches!(value, Some(Value::Boolean(true)))
    }
}

/// A row of the settings' table that this crate relies on.
pub(crate) fn known(resource: Resource, name: &str) -> &'static Key {
    resource
        .key(name)
        .expect("the table has every setting that decisions look at")
}

/// 0 when the value is no whole number.
pub(crate) fn number(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Int(value)) => i64::from(*value),
        Some(Value::Short(value)) => i64::from(*value),
        Some(Value::Long(value)) => *value,
        _ => 0,
    }
}
