//! `KafkaCluster`: the fleet a user asks for. Everything optional that is left out means "the broker's
//! own default", never a default frozen into the stored resource.

pub(crate) mod listener;
pub(crate) mod pool;
mod rules;
pub(crate) mod status;

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::owned::refuse_owned;
use crate::schema::{self, IMAGE_TAG, LABEL_KEY, NAMESPACE};
use crate::topic::Retention;
use listener::Listener;
use pool::NodePool;
use status::KafkaClusterStatus;

/// A Kafka cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "millrace.dev",
    version = "v1alpha1",
    kind = "KafkaCluster",
    plural = "kafkaclusters",
    shortname = "kcl",
    category = "millrace",
    namespaced,
    derive = "PartialEq",
    doc = "A Kafka cluster.",
    status = "KafkaClusterStatus",
    annotation("helm.sh/resource-policy", "keep"),
    validation = rules::name_fits(),
    validation = rules::pods_have_names(),
    validation = rules::services_have_names(),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(name = "Brokers", type_ = "string", json_path = ".status.ready"),
    printcolumn(
        name = "Bootstrap",
        type_ = "string",
        json_path = ".status.listeners[0].bootstrapServers"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Id",
        type_ = "string",
        json_path = ".status.clusterId",
        priority = 1
    )
)]
#[x_kube(validation = rules::ONE_BROKER)]
#[x_kube(validation = rules::version_or_image())]
#[x_kube(validation = rules::pools_lie_apart())]
#[x_kube(validation = rules::metrics_port_is_free())]
#[x_kube(validation = rules::enough_brokers_for_defaults())]
#[x_kube(validation = rules::defaults_said_once())]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::without_nulls)]
pub struct KafkaClusterSpec {
    /// Broker version, a tag of the operator's image repository. Left out: the operator's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = IMAGE_TAG), length(max = 128))]
    pub version: Option<String>,

    /// Whole image reference of the broker, instead of `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^\S+$"), length(max = 512))]
    pub image: Option<String>,

    /// Groups of like nodes; each becomes one StatefulSet.
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".to_owned()]))]
    pub node_pools: Vec<NodePool>,

    /// Where clients connect. Left out: one internal listener `plain` on port 9092.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".to_owned()]))]
    #[x_kube(validation = rules::listeners_share_no_port())]
    pub listeners: Vec<Listener>,

    /// Kafka broker properties, for every broker: numbers and strings, so `true` and `0.5` stand in
    /// quotes. What the operator sets itself is refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 256), transform = refuse_owned)]
    pub config: BTreeMap<String, IntOrString>,

    /// What a topic gets that does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<TopicDefaults>,

    /// Spreads brokers over failure domains and tells each its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<Rack>,

    /// How brokers are restarted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolling: Option<Rolling>,

    /// Where metrics are served and who may read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,

    /// Which namespaces may keep KafkaTopics of this cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<TopicAccess>,

    /// While true the operator changes nothing, neither of the cluster nor of its topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}

/// What a topic gets that does not say otherwise.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TopicDefaults {
    /// Partitions of a new topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub partitions: Option<i32>,

    /// Replicas of a new topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub replicas: Option<i32>,

    /// How long and how much of a topic is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
}

/// Failure domains.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Rack {
    /// Label of nodes whose value is the broker's rack, such as `topology.kubernetes.io/zone`.
    #[schemars(regex(pattern = LABEL_KEY), length(max = 317))]
    pub topology_key: String,
}

/// How brokers are restarted.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Rolling {
    /// What to do about partitions that cannot stay available while their broker restarts, because
    /// they have no more in-sync replicas than they need. Left out: `Wait`, but in a cluster of one
    /// broker `Allow`, where waiting would never end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable_partitions: Option<UnavailablePartitions>,
}

/// What to do about partitions that cannot stay available while their broker restarts.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnavailablePartitions {
    /// Do not restart the broker; the status says which partitions it waits for.
    Wait,
    /// Restart it; those partitions are unavailable meanwhile.
    Allow,
}

/// Where metrics are served and who may read them.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Port of `/metrics`, `/healthz` and `/readyz`. Left out: 9404.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1024, max = 65_535))]
    #[x_kube(validation = rules::port_is_not_reserved())]
    pub port: Option<i32>,

    /// Who may connect to it. Left out: everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), transform = schema::undescribed)]
    pub network_policy_peers: Vec<NetworkPolicyPeer>,
}

/// Which namespaces may keep KafkaTopics of this cluster, beside its own.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TopicAccess {
    /// Names of namespaces; `*` stands for every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[x_kube(validation = rules::namespaces_or_every_one(NAMESPACE))]
    pub allowed_namespaces: Vec<String>,
}
