//! A raw `KafkaCluster` becomes a [`Cluster`], or every reason why it cannot. What the admission
//! rules say is checked here again: the API server may know older rules, or none.

mod listeners;
mod pools;
mod properties;
mod scalars;
mod topic;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use millrace_crds::{KafkaCluster, KafkaClusterSpec, UnavailablePartitions};

use crate::cluster::{AllowedNamespaces, Broker, Cluster, Metrics, Platform, Pool, Reserved};
use crate::key::ObjectKey;
use crate::problem::{Findings, Problem, Resolved, reason};
use crate::{names, syntax};
use millrace_types::NodeId;

/// What holds for every cluster unless it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// Images without their tag; a version is one.
    pub image_repository: String,
    pub version: String,
    /// `None`: what Kubernetes makes of the tag.
    pub image_pull_policy: Option<String>,
    pub platform: Platform,
    /// The most brokers that a cluster can have with this version of the broker.
    pub brokers_served: u32,
    /// The operator's own pods; `None` where it is no pod, and may connect from anywhere.
    pub operator_pods: Option<NetworkPolicyPeer>,
}

/// The longest name from which the names of all Services and pods can be made.
const LONGEST_CLUSTER_NAME: usize = 40;
const METRICS_PORT: u16 = 9404;
const METRICS_PORTS: std::ops::RangeInclusive<i32> = 1024..=65_535;

impl Cluster {
    /// # Errors
    /// Every problem, when one of them leaves nothing to build: what exists is to stay as it is.
    pub fn resolve(
        raw: &KafkaCluster,
        defaults: &Defaults,
    ) -> Result<Resolved<Self>, Vec<Problem>> {
        let mut findings = Findings::default();
        let (metadata, spec) = (&raw.metadata, &raw.spec);
        let name = metadata.name.as_deref().unwrap_or_default();
        check_name(name, &mut findings);
        let pools = pools::resolve(&spec.node_pools, name, defaults, &mut findings);
        let brokers = brokers(name, &pools);
        let metrics = metrics(spec, &mut findings);
        let key = ObjectKey::new(metadata.namespace.as_deref().unwrap_or_default(), name);
        let cluster = Self {
            listeners: listeners::resolve(
                &spec.listeners,
                &key,
                &brokers,
                metrics.port,
                &mut findings,
            ),
            properties: properties::resolve(spec, &brokers, &mut findings),
            key,
            uid: metadata.uid.clone().unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            deleting: metadata.deletion_timestamp.is_some(),
            paused: spec.paused.unwrap_or_default(),
            image: image(spec, defaults, &mut findings),
            image_pull_policy: defaults.image_pull_policy.clone(),
            operator_pods: defaults.operator_pods.clone(),
            platform: defaults.platform.clone(),
            rack_key: rack_key(spec, &mut findings)
                .filter(|_| defaults.platform != Platform::Loopback),
            unavailable_partitions: unavailable_partitions(spec, &brokers),
            metrics,
            allowed_namespaces: allowed_namespaces(spec, &mut findings),
            pools,
            brokers,
        };
        findings.settle(cluster)
    }
}

fn check_name(name: &str, findings: &mut Findings) {
    if !syntax::is_dns_label(name) || name.len() > LONGEST_CLUSTER_NAME {
        findings.refuse(
            "metadata.name",
            reason::INVALID,
            format!("{name:?} cannot begin the names of Services and pods"),
            format!(
                "use a DNS label that begins with a letter, of at most {LONGEST_CLUSTER_NAME} characters"
            ),
        );
    }
}

fn brokers(cluster: &str, pools: &[Pool]) -> Vec<Broker> {
    let of_pool = |pool: &Pool| {
        let (pool_name, first) = (pool.name.clone(), pool.first_broker_id);
        let broker = move |ordinal: u32| Broker {
            id: NodeId(first.saturating_add_unsigned(ordinal)),
            pod: names::pod(cluster, &pool_name, ordinal),
            pool: pool_name.clone(),
            ordinal,
        };
        (0..pool.replicas).map(broker).collect::<Vec<_>>()
    };
    pools.iter().flat_map(of_pool).collect()
}

fn image(spec: &KafkaClusterSpec, defaults: &Defaults, findings: &mut Findings) -> String {
    if spec.image.is_some() && spec.version.is_some() {
        findings.refuse(
            "spec.image",
            reason::CONFLICT,
            "image and version exclude each other",
            "remove one of them",
        );
    }
    if let Some(image) = &spec.image {
        if image.is_empty() || image.contains(char::is_whitespace) {
            findings.refuse(
                "spec.image",
                reason::INVALID,
                format!("{image:?} is not a reference of an image"),
                "write it as repository:tag or repository@digest",
            );
        }
        return image.clone();
    }
    let version = spec.version.as_ref().unwrap_or(&defaults.version);
    if !syntax::is_image_tag(version) {
        findings.refuse(
            "spec.version",
            reason::INVALID,
            format!("{version:?} is not the tag of an image"),
            "use a released version, or image for any other",
        );
    }
    format!("{}:{version}", defaults.image_repository)
}

fn rack_key(spec: &KafkaClusterSpec, findings: &mut Findings) -> Option<String> {
    let key = &spec.rack.as_ref()?.topology_key;
    if !syntax::is_label_key(key) {
        findings.refuse(
            "spec.rack.topologyKey",
            reason::INVALID,
            format!("{key:?} is not the key of a label"),
            "use a label that nodes have, such as topology.kubernetes.io/zone",
        );
    }
    Some(key.clone())
}

/// In a cluster of one broker waiting for others would never end.
fn unavailable_partitions(spec: &KafkaClusterSpec, brokers: &[Broker]) -> UnavailablePartitions {
    let said = spec.rolling.as_ref();
    let unsaid = match brokers {
        [_] => UnavailablePartitions::Allow,
        _ => UnavailablePartitions::Wait,
    };
    said.and_then(|rolling| rolling.unavailable_partitions)
        .unwrap_or(unsaid)
}

fn metrics(spec: &KafkaClusterSpec, findings: &mut Findings) -> Metrics {
    let Some(metrics) = &spec.metrics else {
        return Metrics {
            port: METRICS_PORT,
            peers: Vec::new(),
        };
    };
    let said = metrics.port.unwrap_or(METRICS_PORT.into());
    let port = u16::try_from(said)
        .ok()
        .filter(|port| METRICS_PORTS.contains(&said) && !Reserved::is_port(*port));
    if port.is_none() {
        findings.refuse(
            "spec.metrics.port",
            reason::INVALID,
            format!("{said} cannot be the port of metrics"),
            format!(
                "use one of {} to {} without {} and {}",
                METRICS_PORTS.start(),
                METRICS_PORTS.end(),
                Reserved::CONTROLLER_PORT,
                Reserved::OPERATOR_PORT
            ),
        );
    }
    Metrics {
        port: port.unwrap_or(METRICS_PORT),
        peers: metrics.network_policy_peers.clone(),
    }
}

/// `*` opens a cluster to everybody, so it counts only where it clearly is what is meant.
fn allowed_namespaces(spec: &KafkaClusterSpec, findings: &mut Findings) -> AllowedNamespaces {
    let said = spec
        .topics
        .iter()
        .flat_map(|topics| &topics.allowed_namespaces);
    let said: Vec<&String> = said.collect();
    if matches!(said.as_slice(), [only] if *only == "*") {
        return AllowedNamespaces::All;
    }
    let (good, bad): (Vec<_>, Vec<_>) = said
        .into_iter()
        .partition(|name| syntax::is_namespace(name));
    for name in bad {
        findings.warn(
            "spec.topics.allowedNamespaces",
            reason::INVALID,
            format!("{name:?} is not the name of a namespace and allows nothing"),
            "list names of namespaces, or * alone for every one",
        );
    }
    AllowedNamespaces::Some(good.into_iter().cloned().collect())
}
