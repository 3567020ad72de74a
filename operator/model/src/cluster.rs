//! A cluster as the operator means it: every default filled in, every name derived.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use millrace_crds::{ListenerType, PodTemplate, Role, UnavailablePartitions};
use millrace_types::NodeId;

use crate::key::ObjectKey;

/// Ports inside every broker's pod that users cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved;

impl Reserved {
    /// Where controllers talk to each other.
    pub const CONTROLLER_PORT: u16 = 9090;
    /// Where the operator and the brokers talk to a broker, whatever listeners users have.
    pub const OPERATOR_PORT: u16 = 9091;
    /// Names of those listeners in Kafka.
    pub const CONTROLLER_LISTENER: &'static str = "CONTROLLER";
    pub const OPERATOR_LISTENER: &'static str = "OPERATOR";

    pub(crate) fn is_port(port: u16) -> bool {
        port == Self::CONTROLLER_PORT || port == Self::OPERATOR_PORT
    }
}

/// What the cluster runs on, as far as addresses depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platform {
    Kubernetes {
        /// Domain of its DNS, such as `cluster.local`.
        dns_domain: String,
    },
    /// One machine, whose pods have loopback addresses and no names.
    Loopback,
}

impl Platform {
    /// Domain of the names by which the operator itself finds a cluster. On one machine nobody else
    /// knows them.
    #[must_use]
    pub fn dns_domain(&self) -> &str {
        match self {
            Self::Kubernetes { dns_domain } => dns_domain,
            Self::Loopback => "loopback",
        }
    }
}

/// A `KafkaCluster`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub key: ObjectKey,
    pub uid: String,
    pub generation: i64,
    /// It is being deleted: garbage collection does the work.
    pub deleting: bool,
    /// The operator changes nothing.
    pub paused: bool,
    /// The whole reference that pods run.
    pub image: String,
    pub image_pull_policy: Option<String>,
    /// The operator's own pods; `None` where it may connect from anywhere.
    pub operator_pods: Option<NetworkPolicyPeer>,
    pub platform: Platform,
    /// In the order of the spec.
    pub pools: Vec<Pool>,
    /// Every broker that should exist, pool by pool.
    pub brokers: Vec<Broker>,
    /// The users' listeners, in the order of the spec; the reserved ones are not among them.
    pub listeners: Vec<Listener>,
    /// Broker properties that the user wants, from `config` and `defaults`.
    pub properties: BTreeMap<String, String>,
    /// Label of nodes that names a broker's rack; one machine has no racks.
    pub rack_key: Option<String>,
    pub unavailable_partitions: UnavailablePartitions,
    pub metrics: Metrics,
    pub allowed_namespaces: AllowedNamespaces,
}

/// Like nodes that make one StatefulSet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    pub name: String,
    pub replicas: u32,
    /// Sorted, without repeats, never empty.
    pub roles: Vec<Role>,
    pub first_broker_id: i32,
    pub storage: PoolStorage,
    pub resources: Option<ResourceRequirements>,
    /// Without what the operator keeps to itself.
    pub template: PodTemplate,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PoolStorage {
    Ephemeral {
        size_limit: Option<Quantity>,
    },
    Persistent {
        /// As the user wrote it.
        size: Quantity,
        bytes: u64,
        /// `None`: the default class.
        class: Option<String>,
        delete_claim: bool,
    },
}

/// One broker that should exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    pub id: NodeId,
    pub pool: String,
    pub ordinal: u32,
    pub pod: String,
}

/// Where clients connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// As in the resource; part of the Services' names.
    pub name: String,
    /// As in Kafka.
    pub kafka_name: String,
    pub port: u16,
    pub kind: ListenerType,
    pub advertised: Option<Advertised>,
    /// Of the listener's Services.
    pub annotations: BTreeMap<String, String>,
    /// Who may connect; empty is everybody.
    pub peers: Vec<NetworkPolicyPeer>,
}

/// What brokers tell clients to connect to, instead of what follows from the listener's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// Of every broker.
    pub hosts: BTreeMap<NodeId, String>,
    pub port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    pub port: u16,
    /// Who may connect; empty is everybody.
    pub peers: Vec<NetworkPolicyPeer>,
}

/// Which namespaces may keep topics of a cluster, beside its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedNamespaces {
    All,
    Some(BTreeSet<String>),
}

impl Cluster {
    /// Whether topics in `namespace` may belong to this cluster.
    #[must_use]
    pub fn admits_topics_of(&self, namespace: &str) -> bool {
        *namespace == *self.key.namespace
            || match &self.allowed_namespaces {
                AllowedNamespaces::All => true,
                AllowedNamespaces::Some(names) => names.contains(namespace),
            }
    }

    /// The nodes that keep partitions and serve clients.
    pub fn serving(&self) -> impl Iterator<Item = &Broker> {
        let serves = |broker: &&Broker| {
            let pool = self.pool(&broker.pool);
            pool.is_some_and(|pool| pool.has_role(Role::Broker))
        };
        self.brokers.iter().filter(serves)
    }

    #[must_use]
    pub fn pool(&self, name: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.name == name)
    }
}

impl Pool {
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

impl Listener {
    /// Whether clients reach each broker by a Service of its own.
    #[must_use]
    pub fn has_broker_services(&self) -> bool {
        self.kind != ListenerType::Internal
    }
}
