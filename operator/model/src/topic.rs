//! A topic as the operator means it: every setting a Kafka config, every default resolved.

use std::collections::BTreeMap;

use millrace_crds::DeletionPolicy;
use millrace_types::Timestamp;

use crate::key::ObjectKey;

/// A `KafkaTopic`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub key: ObjectKey,
    pub uid: String,
    pub generation: i64,
    /// When the resource was made: of two that want the same topic, the older one has it.
    pub created: Timestamp,
    pub cluster: ObjectKey,
    /// Name in Kafka.
    pub name: String,
    /// `None`: the cluster's default for a new topic, what there is for an old one.
    pub partitions: Option<i32>,
    pub replicas: Option<i16>,
    /// Everything the resource sets, as Kafka calls it; what is not here is left alone.
    pub configs: BTreeMap<String, String>,
    pub deletion_policy: DeletionPolicy,
    /// While false the topic is not touched.
    pub managed: bool,
    /// The resource is being deleted.
    pub deleting: bool,
    /// The resource has the operator's finalizer.
    pub has_finalizer: bool,
}

/// Keeps a resource until its topic is dealt with.
pub const TOPIC_FINALIZER: &str = "millrace.dev/topic";
