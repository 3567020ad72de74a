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
    /// The names that were asked for.
    #[cfg(test)]
    read: std::cell::RefCell<std::collections::BTreeSet<String>>,
}

impl Values {
    pub(crate) fn of_broker(layers: &BrokerLayers<'_>) -> Self {
        let keys = Resource::Broker.keys();
        Self::collect(keys.filter_map(|key| Some((key.name, layers.value(key)?))))
    }

    /// Of a topic or group with settings of its own.
    pub(crate) fn of(resource: Resource, own: &dyn Settings, broker: &BrokerLayers<'_>) -> Self {
        let keys = resource.keys();
        Self::collect(keys.filter_map(|key| Some((key.name, resource_value(key, own, broker)?))))
    }

    fn collect(values: impl Iterator<Item = (&'static str, Value)>) -> Self {
        Self {
            values: values.collect(),
            #[cfg(test)]
            read: std::cell::RefCell::default(),
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        #[cfg(test)]
        self.read.borrow_mut().insert(name.to_owned());
        self.values.get(name)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.value(name) {
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
        match *self.value(name)? {
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
        match self.value(name) {
            Some(Value::Double(value)) => Some(*value),
            _ => None,
        }
        .expect("the name is a double with a default in the table")
    }

    /// Text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(Value::List(elements)) => elements,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::broker::BrokerConfig;
    use crate::findings::Findings;
    use crate::key::Status;
    use crate::raw::RawConfig;
    use crate::topic::TopicConfig;

    /// Read by the crate itself before there are values.
    const READ_ELSEWHERE: &[&str] = &["config.providers"];

    #[test]
    fn every_served_setting_is_read_and_no_other_has_an_effect() {
        let raw = RawConfig::built_in();
        let layers = BrokerLayers::at_start(&raw);
        let broker = Values::of_broker(&layers);
        BrokerConfig::read(&broker, &layers, &mut Findings::about(&raw));
        let mut topic_read = BTreeSet::new();
        for codec in ["gzip", "lz4", "zstd"] {
            let own = BTreeMap::from([("compression.type".to_owned(), codec.to_owned())]);
            let topic = Values::of(Resource::Topic, &own, &layers);
            TopicConfig::read(&topic);
            topic_read.append(&mut topic.read.borrow_mut());
        }

        let lent = Resource::Topic.keys().flat_map(|key| key.synonyms);
        let mut broker_read = broker.read.borrow().clone();
        broker_read.extend(lent.map(|synonym| synonym.name.to_owned()));
        broker_read.extend(READ_ELSEWHERE.iter().map(|&name| name.to_owned()));
        for (resource, read) in [
            (Resource::Topic, &topic_read),
            (Resource::Broker, &broker_read),
        ] {
            for key in resource.keys() {
                match key.status {
                    Status::Served => assert!(read.contains(key.name), "unread {}", key.name),
                    Status::NoEffect => assert!(!read.contains(key.name), "read {}", key.name),
                    Status::NotYet => {}
                }
            }
        }
    }
}
