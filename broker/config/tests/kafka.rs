//! The table against what Apache Kafka's own classes print: names, types, defaults, updates.

use millrace_config::{Resource, Update};

const KAFKA: &str = include_str!("kafka/4.2.0.txt");

/// Where the table differs on purpose.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "log.dir",
        "Kafka's /tmp/kafka-logs does not survive a restart of the machine",
    ),
    ("listeners", "listeners stay as they were at the start"),
    (
        "listener.security.protocol.map",
        "listeners stay as they were at the start",
    ),
];

#[test]
fn the_table_says_what_kafka_says() {
    let mut wrong = Vec::new();
    for line in KAFKA.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<_> = line.split('|').collect();
        let [resource, name, kind, default, update] = columns[..] else {
            panic!("{line}");
        };
        if DIFFERENT.iter().any(|&(different, _)| different == name) {
            continue;
        }
        let resource = match resource {
            "topic" => Resource::Topic,
            "group" => Resource::Group,
            _ => Resource::Broker,
        };
        let Some(key) = resource.key(name) else {
            wrong.push(format!("{line}: missing"));
            continue;
        };
        let default = match default {
            "null" | "REQUIRED" => None,
            text => Some(text),
        };
        let update = match update {
            "cluster-wide" => Update::ClusterWide,
            "per-broker" => Update::PerBroker,
            _ if resource != Resource::Broker => Update::ClusterWide,
            _ => Update::ReadOnly,
        };
        if (key.kind.name(), key.default, key.update) != (kind, default, update) {
            wrong.push(format!(
                "{line}: {:?} {:?} {:?}",
                key.kind, key.default, key.update
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
