//! Decisions: a request and the image in, records and the response out. Nothing changes here; the
//! records change the image once they are committed, and then the response may leave.

mod assignment;
pub mod brokers;
pub mod configs;
mod election;
pub mod features;
pub mod leaders;
pub mod partitions;
mod placement;
pub mod producer_ids;
pub mod sessions;
pub mod topics;

use std::sync::Arc;

use millrace_config::{BrokerLayers, Key, Resource, Settings, Value};
use millrace_types::{ErrorCode, NodeId, Uuid};

use crate::image::MetadataImage;
use crate::image::configs::{ALL_BROKERS, ResourceKind};
use crate::record::MetadataRecord;

pub use placement::PlacementError;

/// Most partitions that one request may make. Each is a record of about 100 bytes, and the records
/// of a request are committed together: 10 MB is what a batch of the metadata log should hold.
pub const MAX_PARTITIONS_PER_REQUEST: usize = 100_000;

/// What was decided: the records, to be committed all or none, and the response that they earn.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<R> {
    pub records: Vec<MetadataRecord>,
    pub response: R,
}

impl<R> Decision<R> {
    /// An answer that changes nothing.
    pub fn answer(response: R) -> Self {
        Self {
            records: Vec::new(),
            response,
        }
    }
}

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
    fn with_layers<T>(&self, ask: impl FnOnce(&BrokerLayers<'_>) -> T) -> T {
        let configs = &self.image.configs;
        ask(&BrokerLayers {
            broker: configs.of(ResourceKind::Broker, &self.node.to_string()),
            cluster: configs.of(ResourceKind::Broker, ALL_BROKERS),
            statics: self.statics,
        })
    }

    /// A whole-number setting of the broker.
    fn broker_number(&self, name: &str) -> i64 {
        let value = self.with_layers(|layers| layers.value(known(Resource::Broker, name)));
        number(value.as_ref())
    }

    fn broker_flag(&self, name: &str) -> bool {
        let value = self.with_layers(|layers| layers.value(known(Resource::Broker, name)));
        matches!(value, Some(Value::Boolean(true)))
    }
}

/// A row of the settings' table that this crate relies on.
fn known(resource: Resource, name: &str) -> &'static Key {
    resource
        .key(name)
        .expect("the table has every setting that decisions look at")
}

/// 0 when the value is no whole number.
fn number(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Int(value)) => i64::from(*value),
        Some(Value::Short(value)) => i64::from(*value),
        Some(Value::Long(value)) => *value,
        _ => 0,
    }
}

/// Why a part of a request is not done, as the client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    error: ErrorCode,
    message: String,
}

impl Refusal {
    fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            error,
            message: message.into(),
        }
    }

    /// Error code and message of a reply: none when nothing was refused.
    fn reply(refusal: Option<&Self>) -> (i16, Option<Arc<str>>) {
        match refusal {
            Some(refusal) => (refusal.error.code(), Some(refusal.message.as_str().into())),
            None => (ErrorCode::None.code(), None),
        }
    }
}
