//! The custom resources that users write, `KafkaCluster` and `KafkaTopic`: types, admission rules and
//! the YAML made from them. No client and no decisions: what a resource means is the model's business.

#![allow(
    unreachable_pub,
    reason = "the derive of schemas copies each public struct into a function"
)]

mod cluster;
mod owned;
mod schema;
mod topic;

pub use cluster::listener::{AdvertisedAddress, Listener, ListenerType};
pub use cluster::pool::{
    EphemeralStorage, NodePool, PersistentStorage, PodTemplate, Role, Storage,
};
pub use cluster::status::{
    BrokerState, BrokerStatus, KafkaClusterStatus, ListenerStatus, RollPlan, RollStep,
    RollStepState, VolumeStatus,
};
pub use cluster::{
    KafkaCluster, KafkaClusterSpec, Metrics, Rack, Rolling, TopicAccess, TopicDefaults,
    UnavailablePartitions,
};
pub use owned::{OWNED_ENVIRONMENT, OWNED_LABELS, OWNED_PROPERTIES, OwnedProperties, why_owned};
pub use topic::status::{DriftReport, KafkaTopicStatus};
pub use topic::{CleanupPolicy, ClusterRef, DeletionPolicy, KafkaTopic, KafkaTopicSpec, Retention};

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
pub use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The API group of every kind.
pub const GROUP: &str = "millrace.dev";
