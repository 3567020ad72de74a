//! A listener: a name, a port, and how clients reach it.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::cluster::rules;
use crate::owned;
use crate::schema::{self, DNS_LABEL};

/// Where clients connect.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Name, unique in the cluster; in upper case it is the listener's name in Kafka.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 20))]
    #[x_kube(validation = rules::listener_name_is_not_reserved())]
    pub name: String,

    /// Port inside the pod and of the listener's Services.
    #[schemars(range(min = 9092, max = 32_767))]
    pub port: i32,

    /// How clients reach it.
    #[serde(rename = "type")]
    pub kind: ListenerType,

    /// What brokers tell clients to connect to, instead of what follows from the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertised: Option<AdvertisedAddress>,

    /// Annotations of the listener's Services, such as what a load balancer needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64))]
    #[x_kube(validation = owned::labels_rule())]
    pub annotations: BTreeMap<String, String>,

    /// Who may connect. Left out: everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), transform = schema::undescribed)]
    pub network_policy_peers: Vec<NetworkPolicyPeer>,
}

/// How clients reach a listener.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ListenerType {
    /// Inside the Kubernetes cluster, by the pods' own names.
    Internal,
    /// Inside the Kubernetes cluster, by a Service for each broker.
    #[serde(rename = "clusterIP")]
    ClusterIp,
    /// By a port of every Kubernetes node.
    NodePort,
    /// By a load balancer for each broker.
    LoadBalancer,
}

/// What brokers tell clients to connect to.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AdvertisedAddress {
    /// Host; `{id}`, `{pod}`, `{cluster}` and `{namespace}` are filled in for each broker.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = rules::host_template_is_known())]
    pub host: String,

    /// Port. Left out: the port that follows from the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_535))]
    pub port: Option<i32>,
}
