//! `KafkaTopic`: a topic a user asks for. What is left out is left alone.

mod rules;
pub(crate) mod status;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::schema::{self, BYTES, DNS_LABEL, DURATION, NAMESPACE};
use status::KafkaTopicStatus;

/// A topic of a Kafka cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "millrace.dev",
    version = "v1alpha1",
    kind = "KafkaTopic",
    plural = "kafkatopics",
    shortname = "kt",
    category = "millrace",
    namespaced,
    derive = "PartialEq",
    scale(
        spec_replicas_path = ".spec.partitions",
        status_replicas_path = ".status.partitions"
    ),
    doc = "A topic of a Kafka cluster.",
    status = "KafkaTopicStatus",
    annotation("helm.sh/resource-policy", "keep"),
    validation = rules::name_stays(),
    validation = rules::own_name_is_legal(),
    printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.clusterRef.name"),
    printcolumn(name = "Partitions", type_ = "integer", json_path = ".status.partitions"),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".status.replicas"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Topic",
        type_ = "string",
        json_path = ".status.topicName",
        priority = 1
    )
)]
#[x_kube(validation = rules::said_once())]
#[schemars(transform = schema::without_nulls)]
#[serde(rename_all = "camelCase")]
pub struct KafkaTopicSpec {
    /// The cluster it belongs to.
    #[x_kube(validation = rules::cluster_stays())]
    pub cluster_ref: ClusterRef,

    /// Name in Kafka. Left out: the resource's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-zA-Z0-9._-]+$"), length(min = 1, max = 249))]
    #[x_kube(validation = rules::name_is_legal())]
    #[x_kube(validation = rules::name_is_not_internal())]
    pub topic_name: Option<String>,

    /// How many partitions; they can become more, never fewer. Left out: the cluster's default, and
    /// an existing topic keeps what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    #[x_kube(validation = rules::partitions_never_fewer())]
    pub partitions: Option<i32>,

    /// How many replicas of each. Left out: the cluster's default, and an existing topic keeps what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub replicas: Option<i32>,

    /// How long and how much is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,

    /// What happens to old records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub cleanup_policy: Vec<CleanupPolicy>,

    /// Any other topic config of Kafka: numbers and strings, so `true` and `0.5` stand in quotes. Keys
    /// that are not here are left as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    pub config: BTreeMap<String, IntOrString>,

    /// What happens to the topic when this resource is deleted. Left out: it is deleted too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,

    /// While false the operator does not touch the topic, and deleting this resource leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
}

/// The cluster a topic belongs to.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Hash)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRef {
    /// Its name.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 40))]
    pub name: String,

    /// Left out: the topic's own. Another must be allowed by the cluster's `topics.allowedNamespaces`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = NAMESPACE), length(max = 63))]
    pub namespace: Option<String>,
}

/// How long and how much is kept.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// A duration such as `7d`, `36h` or `1h30m`, or `unlimited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = DURATION), length(max = 32))]
    pub time: Option<String>,

    /// A quantity such as `10Gi` for each partition, or `unlimited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = BYTES), length(max = 24))]
    pub bytes: Option<String>,
}

/// What happens to old records.
#[derive(
    schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase")]
pub enum CleanupPolicy {
    /// They go when retention says so.
    Delete,
    /// The last one of each key stays.
    Compact,
}

/// What happens to the topic when its resource is deleted.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It is deleted too, with its records.
    Delete,
    /// It stays.
    Retain,
}
