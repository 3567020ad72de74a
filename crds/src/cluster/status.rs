//! What the operator tells of a cluster. Every field changes only when something that matters did:
//! a converged cluster is not written to.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cluster::listener::ListenerType;
use crate::cluster::pool::Role;
use crate::schema;

/// What the operator tells of a cluster.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::without_nulls)]
pub struct KafkaClusterStatus {
    /// The generation of the spec that the rest speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// The cluster's own id, as clients see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,

    /// Brokers that are ready, of all, such as `2/3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,

    /// Where clients connect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<ListenerStatus>,

    /// The brokers and their pods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brokers: Vec<BrokerStatus>,

    /// Restarts that are planned or under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<RollPlan>,

    /// Broker properties that the operator set while brokers ran: one that leaves the spec goes back
    /// to what it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config_keys: Vec<String>,

    /// Their volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<VolumeStatus>,

    /// Whether it is as the spec asks, and if not, why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::undescribed)]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".to_owned()]))]
    pub conditions: Vec<Condition>,
}

/// Where clients connect.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ListenerType,
    /// `host:port,…`, as clients take it; empty until the address is known.
    pub bootstrap_servers: String,
}

/// A broker and its pod.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct BrokerStatus {
    pub id: i32,
    pub pod: String,
    pub roles: Vec<Role>,
    /// What its pod runs.
    pub image: String,
    pub state: BrokerState,
}

/// How a broker is.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// It has no pod, or its pod has no node yet.
    Pending,
    /// Its pod starts, or the broker catches up.
    Starting,
    Ready,
    /// Its pod is being stopped.
    Stopping,
    /// Its pod cannot start, or keeps failing.
    Failed,
}

/// Restarts that are planned or under way. It is the operator's memory of a roll: who takes over
/// goes on from here.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RollPlan {
    /// When it was decided.
    pub started: Time,
    pub steps: Vec<RollStep>,
}

/// The restart of one broker.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RollStep {
    pub broker: i32,
    pub pod: String,
    /// Why it must restart.
    pub reasons: Vec<String>,
    pub state: RollStepState,
    /// The uid of the pod that is to go; another one has replaced it when it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<String>,
}

/// How far the restart of a broker is.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollStepState {
    /// Another goes first.
    Waiting,
    /// It may not go now; `blockedBy` says why.
    Blocked,
    /// Its pod was deleted and is not ready again yet.
    Restarting,
    /// It is ready, and its partitions are not in sync again yet.
    CatchingUp,
    Done,
}

/// A broker's volume.
#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct VolumeStatus {
    pub claim: String,
    /// What it has now.
    pub size: Quantity,
    /// In whole percent of the size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_percent: Option<i32>,
    /// Until it is full if it goes on growing as it did; absent while it does not grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i32>,
    /// Why its size is not what the spec asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
