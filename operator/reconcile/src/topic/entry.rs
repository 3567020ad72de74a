//! What the operator keeps of a `KafkaTopic`: its meaning and its status, not the resource itself, so
//! that ten thousand of them fit into little memory.

use kube::ResourceExt;
use millrace_crds::{DriftReport, KafkaTopic, KafkaTopicStatus};
use millrace_model::{ObjectKey as Key, Problem, TOPIC_FINALIZER, Topic};
use millrace_types::Timestamp;

use crate::reason::Reason;

/// One `KafkaTopic` as it was last seen.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
    pub(crate) generation: i64,
    pub(crate) created: Timestamp,
    pub(crate) deleting: bool,
    pub(crate) finalizers: Vec<String>,
    /// The cluster it names, also when the rest makes no sense.
    pub(crate) cluster: Key,
    /// Its name in Kafka, also when the rest makes no sense.
    pub(crate) topic_name: String,
    pub(crate) topic: Result<Topic, Vec<Problem>>,
    pub(crate) warnings: Vec<String>,
    pub(crate) status: KafkaTopicStatus,
}

impl Entry {
    /// Takes what matters of a resource.
    pub(crate) fn of(resource: KafkaTopic) -> Self {
        let namespace = resource.namespace().unwrap_or_default();
        let (topic, warnings) = match Topic::resolve(&resource) {
            Ok(resolved) => (
                Ok(resolved.value),
                resolved.warnings.iter().map(ToString::to_string).collect(),
            ),
            Err(problems) => (Err(problems), Vec::new()),
        };
        let spec = resource.spec;
        let metadata = resource.metadata;
        let name = metadata.name.unwrap_or_default();
        Self {
            cluster: Key::new(
                spec.cluster_ref
                    .namespace
                    .unwrap_or_else(|| namespace.clone()),
                spec.cluster_ref.name,
            ),
            topic_name: spec.topic_name.unwrap_or_else(|| name.clone()),
            key: Key::new(namespace, name),
            uid: metadata.uid.unwrap_or_default(),
            resource_version: metadata.resource_version.unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            created: metadata
                .creation_timestamp
                .map_or(0, |time| time.0.as_millisecond()),
            deleting: metadata.deletion_timestamp.is_some(),
            finalizers: metadata.finalizers.unwrap_or_default(),
            topic,
            warnings,
            status: resource.status.unwrap_or_default(),
        }
    }

    pub(crate) fn has_finalizer(&self) -> bool {
        self.finalizers.iter().any(|name| name == TOPIC_FINALIZER)
    }

    /// Whether a spec of it was in force before, so that a change of it is an edit.
    pub(crate) fn was_in_force(&self) -> bool {
        self.status.topic_id.is_some()
    }

    /// What is being put back: told by a turn whose end nobody has told yet.
    pub(crate) fn reverting(&self) -> Option<&DriftReport> {
        let mut conditions = self.status.conditions.iter();
        let reverting = conditions.any(|condition| {
            condition.type_ == "Ready" && condition.reason == Reason::Reverting.word()
        });
        self.status.drift.as_ref().filter(|_| reverting)
    }
}
