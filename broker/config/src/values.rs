//! The settings of one resource, read as their types, for the structs that give them meaning.

use std::collections::BTreeMap;

use crate::keys::Resource;
use crate::settings::{BrokerLayers, Settings, resource_value};
use crate::value::Value;

/// Every setting that has a value, by name. Readers ask by the table's names and types: a test
/// reads all of them, so a wrong name cannot reach a user.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    values: BTreeMap<&'static str, Value>,
}

impl Values {
    pub(crate) fn of_broker(layers: &BrokerLayers<'_>) -> Self {
        let keys = Resource::Broker.keys();
        let values = keys.filter_map(|key| Some((key.name, layers.value(key)?)));
        Self {
            values: values.collect(),
        }
    }

    /// Of a topic or group with settings of its own.
    pub(crate) fn of(resource: Resource, own: &dyn Settings, broker: &BrokerLayers<'_>) -> Self {
        let keys = resource.keys();
        let values = keys.filter_map(|key| Some((key.name, resource_value(key, own, broker)?)));
        Self {
            values: values.collect(),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Boolean(value)) => Some(*value),
            _ => None,
        }
        .expect("the name is a boolean with a default in the table")
    }

    /// A whole number of any width.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.number_if_set(name)
            .expect("the name is a number with a default in the table")
    }

    pub(crate) fn number_if_set(&self, name: &str) -> Option<i64> {
        match *self.values.get(name)? {
            Value::Int(value) => Some(i64::from(value)),
            Value::Short(value) => Some(i64::from(value)),
            Value::Long(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn int(&self, name: &str) -> i32 {
        i32::try_from(self.number(name)).expect("the name is an int in the table")
    }

    pub(crate) fn short(&self, name: &str) -> i16 {
        i16::try_from(self.number(name)).expect("the name is a short in the table")
    }

    /// A size or count; below zero counts as zero.
    pub(crate) fn size(&self, name: &str) -> usize {
        usize::try_from(self.number(name).max(0)).unwrap_or(usize::MAX)
    }

    /// A limit, where a number below zero means none.
    pub(crate) fn limit(&self, name: &str) -> Option<u64> {
        u64::try_from(self.number(name)).ok()
    }

    pub(crate) fn double(&self, name: &str) -> f64 {
        match self.values.get(name) {
            Some(Value::Double(value)) => Some(*value),
            _ => None,
        }
        .expect("the name is a double with a default in the table")
    }

    /// Text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name)? {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> &[String] {
        match self.values.get(name) {
            Some(Value::List(elements)) => elements,
            _ => &[],
        }
    }
}
