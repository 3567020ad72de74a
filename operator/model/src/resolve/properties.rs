//! Broker properties that the user wants: `config`, and `defaults` as properties.

use std::collections::BTreeMap;

use millrace_crds::{KafkaClusterSpec, TopicDefaults, why_owned};

use crate::cluster::Broker;
use crate::problem::{Findings, reason};
use crate::resolve::scalars::{self, TypedSetting};

pub(crate) fn resolve(
    spec: &KafkaClusterSpec,
    brokers: &[Broker],
    findings: &mut Findings,
) -> BTreeMap<String, String> {
    let mut properties = BTreeMap::new();
    for (key, value) in &spec.config {
        if let Some(why) = why_owned(key) {
            findings.warn(
                format!("spec.config.{key}"),
                reason::RESERVED,
                format!("not to be set here: {why}"),
                "remove it",
            );
        } else if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c.is_control()) {
            findings.warn(
                "spec.config",
                reason::INVALID,
                format!("{key:?} is not the name of a property"),
                "remove it",
            );
        } else {
            properties.insert(key.clone(), scalars::text(value));
        }
    }
    if let Some(defaults) = &spec.defaults {
        let typed = typed(defaults, brokers.len(), findings);
        scalars::add_typed(&mut properties, &typed, "spec.config", findings);
    }
    properties
}

fn typed(defaults: &TopicDefaults, brokers: usize, findings: &mut Findings) -> Vec<TypedSetting> {
    let at = "spec.defaults";
    let most = i32::try_from(brokers).unwrap_or(i32::MAX);
    let mut counted = |field, said, most| {
        let wrong = |count| format!("{count} is not a number that the cluster can give a topic");
        let count = scalars::counted(field, said, most, wrong, findings);
        count.map(|count| count.to_string())
    };
    let partitions = counted("spec.defaults.partitions", defaults.partitions, i32::MAX);
    let replicas = counted("spec.defaults.replicas", defaults.replicas, most);
    let retention = defaults.retention.as_ref();
    let retention = scalars::retention(retention, &format!("{at}.retention"), findings);
    let settings: [(&'static str, &'static [&'static str], Option<String>); 4] = [
        ("spec.defaults.partitions", &["num.partitions"], partitions),
        (
            "spec.defaults.replicas",
            &["default.replication.factor"],
            replicas,
        ),
        (
            "spec.defaults.retention.time",
            &[
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours",
            ],
            retention.millis.map(|millis| millis.to_string()),
        ),
        (
            "spec.defaults.retention.bytes",
            &["log.retention.bytes"],
            retention.bytes.map(|bytes| bytes.to_string()),
        ),
    ];
    let said = |(field, keys, value): (_, _, Option<String>)| {
        let value = value?;
        Some(TypedSetting { field, keys, value })
    };
    settings.into_iter().filter_map(said).collect()
}
