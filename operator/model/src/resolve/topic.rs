//! A raw `KafkaTopic` becomes a [`Topic`]. Only a topic that cannot be named is refused whole; a
//! setting that cannot be used is left alone.

use millrace_crds::{CleanupPolicy, DeletionPolicy, KafkaTopic, KafkaTopicSpec};
use millrace_types::{Timestamp, is_internal_topic, validate_topic_name};

use crate::key::ObjectKey;
use crate::problem::{Findings, Problem, Resolved, reason};
use crate::resolve::scalars::{self, TypedSetting};
use crate::syntax;
use crate::topic::{TOPIC_FINALIZER, Topic};

/// The log of the controllers, which is no topic to anybody else.
const METADATA_TOPIC: &str = "__cluster_metadata";
const MOST_PARTITIONS: i32 = 100_000;
const MOST_REPLICAS: i32 = 1000;

impl Topic {
    /// # Errors
    /// Every problem, when it cannot be told which topic of which cluster is meant. Nothing was ever
    /// done for such a resource, so its finalizer holds nothing.
    pub fn resolve(raw: &KafkaTopic) -> Result<Resolved<Self>, Vec<Problem>> {
        let mut findings = Findings::default();
        let (metadata, spec) = (&raw.metadata, &raw.spec);
        let own_name = metadata.name.as_deref().unwrap_or_default();
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        let finalizers = metadata.finalizers.as_deref().unwrap_or_default();
        let created = metadata.creation_timestamp.as_ref();
        let topic = Self {
            key: ObjectKey::new(namespace, own_name),
            uid: metadata.uid.clone().unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            // What has no age yet has no claim either.
            created: created.map_or(Timestamp::MAX, |time| time.0.as_millisecond()),
            cluster: cluster(spec, namespace, &mut findings),
            name: name(raw, own_name, &mut findings),
            partitions: counted(
                "spec.partitions",
                spec.partitions,
                MOST_PARTITIONS,
                &mut findings,
            ),
            replicas: counted("spec.replicas", spec.replicas, MOST_REPLICAS, &mut findings)
                .and_then(|count| i16::try_from(count).ok()),
            configs: configs(spec, &mut findings),
            deletion_policy: spec.deletion_policy.unwrap_or(DeletionPolicy::Delete),
            managed: spec.managed.unwrap_or(true),
            deleting: metadata.deletion_timestamp.is_some(),
            has_finalizer: finalizers.iter().any(|one| one == TOPIC_FINALIZER),
        };
        findings.settle(topic)
    }
}

fn cluster(spec: &KafkaTopicSpec, own_namespace: &str, findings: &mut Findings) -> ObjectKey {
    let reference = &spec.cluster_ref;
    let namespace = reference.namespace.as_deref().unwrap_or(own_namespace);
    if !syntax::is_dns_label(&reference.name) || !syntax::is_namespace(namespace) {
        findings.refuse(
            "spec.clusterRef",
            reason::INVALID,
            format!("{namespace}/{} cannot be a KafkaCluster", reference.name),
            "name the KafkaCluster, and its namespace when it is another",
        );
    }
    ObjectKey::new(namespace, reference.name.as_str())
}

/// A topic keeps the name under which it was made.
fn name(raw: &KafkaTopic, own_name: &str, findings: &mut Findings) -> String {
    let wanted = raw.spec.topic_name.as_deref().unwrap_or(own_name);
    let status = raw.status.as_ref();
    if let Some(made) = status.and_then(|status| status.topic_name.as_deref())
        && made != wanted
    {
        findings.warn(
            "spec.topicName",
            "Immutable",
            format!("the topic was made as {made}, and Kafka cannot rename it"),
            format!("set topicName to {made}, or make another KafkaTopic"),
        );
        return made.to_owned();
    }
    if let Err(invalid) = validate_topic_name(wanted) {
        findings.refuse(
            "spec.topicName",
            reason::INVALID,
            invalid.reason,
            "choose another topicName",
        );
    }
    if is_internal_topic(wanted) || wanted == METADATA_TOPIC {
        findings.refuse(
            "spec.topicName",
            reason::RESERVED,
            format!("{wanted} belongs to the brokers"),
            "choose another topicName",
        );
    }
    wanted.to_owned()
}

fn counted(
    field: &'static str,
    said: Option<i32>,
    most: i32,
    findings: &mut Findings,
) -> Option<i32> {
    let wrong = |count| format!("a topic cannot have {count}");
    scalars::counted(field, said, most, wrong, findings)
}

fn configs(
    spec: &KafkaTopicSpec,
    findings: &mut Findings,
) -> std::collections::BTreeMap<String, String> {
    let said = spec.config.iter();
    let mut configs = said
        .map(|(key, value)| (key.clone(), scalars::text(value)))
        .collect();
    let retention = scalars::retention(spec.retention.as_ref(), "spec.retention", findings);
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let settings: [(&'static str, &'static [&'static str], Option<String>); 3] = [
        (
            "spec.retention.time",
            &["retention.ms"],
            number(retention.millis),
        ),
        (
            "spec.retention.bytes",
            &["retention.bytes"],
            number(retention.bytes),
        ),
        (
            "spec.cleanupPolicy",
            &["cleanup.policy"],
            cleanup_policy(&spec.cleanup_policy),
        ),
    ];
    let said = |(field, keys, value): (_, _, Option<String>)| {
        let value = value?;
        Some(TypedSetting { field, keys, value })
    };
    let typed: Vec<TypedSetting> = settings.into_iter().filter_map(said).collect();
    scalars::add_typed(&mut configs, &typed, "spec.config", findings);
    configs
}

/// Kafka compares the list as text; its own spelling has `compact` first.
fn cleanup_policy(policies: &[CleanupPolicy]) -> Option<String> {
    let compact = policies.contains(&CleanupPolicy::Compact);
    let delete = policies.contains(&CleanupPolicy::Delete);
    match (compact, delete) {
        (true, true) => Some("compact,delete".to_owned()),
        (true, false) => Some("compact".to_owned()),
        (false, true) => Some("delete".to_owned()),
        (false, false) => None,
    }
}
