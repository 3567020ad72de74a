//! A pool of like nodes: how many, what they do, where they store and how their pods look.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, EnvVar, LocalObjectReference, PodSecurityContext, ResourceRequirements, Toleration,
    TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::cluster::rules;
use crate::owned;
use crate::schema::{self, DNS_LABEL};

/// A pool of like nodes; it becomes one StatefulSet.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct NodePool {
    /// Name, unique in the cluster; part of the pods' names.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 20))]
    pub name: String,

    /// How many nodes.
    #[schemars(range(min = 1, max = 1000))]
    pub replicas: i32,

    /// What the nodes do. Left out: both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub roles: Vec<Role>,

    /// Id of the pool's first broker; the others follow. Pools lie at least 1,000 apart.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000))]
    #[x_kube(validation = ("self == oldSelf", "firstBrokerId is immutable: brokers keep their ids"))]
    pub first_broker_id: i32,

    /// Where records are stored.
    pub storage: Storage,

    /// CPU and memory of a broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = schema::undescribed)]
    pub resources: Option<ResourceRequirements>,

    /// What else pods of the pool carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PodTemplate>,
}

/// What a node does.
#[derive(
    schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Keeps the cluster's metadata.
    Controller,
    /// Keeps partitions and serves clients.
    Broker,
}

/// Where records are stored: exactly one of the two.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[x_kube(validation = rules::one_kind_of_storage())]
#[x_kube(validation = rules::kind_of_storage_stays())]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// On the node, gone with the pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ephemeral: Option<EphemeralStorage>,

    /// On a claimed volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent: Option<PersistentStorage>,
}

/// Storage on the node, gone with the pod.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EphemeralStorage {
    /// The most it may hold. Left out: as much as the node has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::volume_size")]
    pub size_limit: Option<Quantity>,
}

/// Storage on a claimed volume.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[x_kube(validation = rules::storage_class_stays())]
#[serde(rename_all = "camelCase")]
pub struct PersistentStorage {
    /// Size of the volume. It may grow where its class allows that, and never shrinks.
    #[schemars(schema_with = "schema::volume_size")]
    #[x_kube(validation = rules::volume_is_not_empty())]
    #[x_kube(validation = rules::volume_never_shrinks())]
    pub size: Quantity,

    /// Storage class. Left out: the default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class: Option<String>,

    /// Whether claims go when their broker or the cluster goes. Left out: they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_claim: Option<bool>,
}

/// What else pods of a pool carry.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PodTemplate {
    /// Labels beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = owned::labels_rule())]
    pub labels: BTreeMap<String, String>,

    /// Annotations beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = owned::labels_rule())]
    pub annotations: BTreeMap<String, String>,

    /// Labels a node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,

    /// Where the scheduler may and would rather place pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = schema::undescribed)]
    pub affinity: Option<Affinity>,

    /// Taints of nodes that pods put up with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::undescribed)]
    pub tolerations: Vec<Toleration>,

    /// Left out: spread over `rack.topologyKey` where that is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::undescribed)]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,

    /// How important the pods are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub priority_class_name: Option<String>,

    /// Instead of the operator's own, which satisfies the restricted profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = schema::undescribed)]
    pub security_context: Option<PodSecurityContext>,

    /// Secrets that the kubelet pulls the image with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::undescribed)]
    pub image_pull_secrets: Vec<LocalObjectReference>,

    /// Environment of the broker; `config` can refer to it as `${env:NAME}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), transform = schema::undescribed)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".to_owned()]))]
    #[x_kube(validation = owned::environment_rule())]
    pub env: Vec<EnvVar>,
}
