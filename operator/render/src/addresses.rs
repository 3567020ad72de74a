//! Where each broker can be reached: what brokers advertise, and what clients bootstrap from. A fact
//! that Kubernetes has not told yet is a [`Waiting`], not an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use millrace_model::{Broker, Cluster, Listener, ListenerType, Platform, names};

/// Facts about objects that exist already, which the rest depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Of each Service that has one.
    pub node_ports: BTreeMap<String, u16>,
    /// Host name or address of each Service's load balancer.
    pub load_balancers: BTreeMap<String, String>,
    /// Addresses of nodes that clients can connect to, the preferred ones first.
    pub node_addresses: Vec<String>,
    /// Of each pod that has one.
    pub pod_addresses: BTreeMap<String, String>,
}

/// A listener that a broker cannot open yet, because it does not know its own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub pod: String,
    pub listener: String,
    pub what: MissingFact,
}

/// What Kubernetes has not told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingFact {
    NodePort { service: String },
    LoadBalancer { service: String },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pod, listener, .. } = self;
        match &self.what {
            MissingFact::NodePort { service } => {
                write!(
                    f,
                    "listener {listener} of {pod} waits for the node port of Service {service}"
                )
            }
            MissingFact::LoadBalancer { service } => write!(
                f,
                "listener {listener} of {pod} waits for the load balancer of Service {service}"
            ),
        }
    }
}

/// Nodes or pods that clients are told to bootstrap from: enough for one to be up.
const BOOTSTRAP_ADDRESSES: usize = 3;

/// The node's address in the broker's own environment. Brackets are needed around an IPv6 address,
/// and brokers take them off of any.
const OWN_NODE: &str = "[${env:HOST_IP}]";

/// The pod's address in the broker's own environment, on a platform without names.
const OWN_POD: &str = "${env:MILLRACE_POD_IP}";

/// `host:port` that the broker tells clients of this listener.
pub(crate) fn advertised(
    cluster: &Cluster,
    listener: &Listener,
    broker: &Broker,
    observed: &Observed,
) -> Result<String, MissingFact> {
    let Platform::Kubernetes { dns_domain } = &cluster.platform else {
        return Ok(format!("{OWN_POD}:{}", listener.port));
    };
    let said = listener.advertised.as_ref();
    let host = said.and_then(|said| said.hosts.get(&broker.id));
    let host = host.map(|host| bracketed(host));
    let port = said.and_then(|said| said.port);
    let service = names::broker_service(&broker.pod, &listener.name);
    let (host, port) = match listener.kind {
        ListenerType::Internal => (
            host.unwrap_or_else(|| own(cluster, broker)),
            port.unwrap_or(listener.port),
        ),
        ListenerType::ClusterIp => (
            host.unwrap_or_else(|| {
                names::service_dns(&service, &cluster.key.namespace, dns_domain)
            }),
            port.unwrap_or(listener.port),
        ),
        ListenerType::NodePort => {
            let allocated = || observed.node_ports.get(&service).copied();
            let port = port.or_else(allocated);
            let port = port.ok_or(MissingFact::NodePort { service })?;
            (host.unwrap_or_else(|| OWN_NODE.to_owned()), port)
        }
        ListenerType::LoadBalancer => {
            let given = || observed.load_balancers.get(&service);
            let host = host.or_else(|| given().map(|host| bracketed(host)));
            let host = host.ok_or(MissingFact::LoadBalancer { service })?;
            (host, port.unwrap_or(listener.port))
        }
    };
    Ok(format!("{host}:{port}"))
}

/// The address that a broker binds its listeners to; empty for every one that its pod has.
pub(crate) fn bound(cluster: &Cluster) -> &'static str {
    match cluster.platform {
        Platform::Kubernetes { .. } => "",
        Platform::Loopback => OWN_POD,
    }
}

/// What a broker calls itself to its fellows and to the operator.
pub(crate) fn own(cluster: &Cluster, broker: &Broker) -> String {
    let key = &cluster.key;
    match &cluster.platform {
        Platform::Kubernetes { dns_domain } => {
            names::pod_dns(&broker.pod, &key.name, &key.namespace, dns_domain)
        }
        Platform::Loopback => OWN_POD.to_owned(),
    }
}

/// Where its fellows find a broker; `None` while that is not known.
pub(crate) fn fellow(cluster: &Cluster, broker: &Broker, observed: &Observed) -> Option<String> {
    match cluster.platform {
        Platform::Kubernetes { .. } => Some(own(cluster, broker)),
        Platform::Loopback => observed.pod_addresses.get(&broker.pod).cloned(),
    }
}

/// `host:port,…` that clients of a listener bootstrap from; empty while it is not known.
#[must_use]
pub fn bootstrap_servers(cluster: &Cluster, listener: &Listener, observed: &Observed) -> String {
    let Platform::Kubernetes { dns_domain } = &cluster.platform else {
        return pods(cluster, observed, listener.port);
    };
    let service = names::bootstrap_service(&cluster.key.name, &listener.name);
    match listener.kind {
        ListenerType::Internal | ListenerType::ClusterIp => {
            let host = names::service_dns(&service, &cluster.key.namespace, dns_domain);
            format!("{host}:{}", listener.port)
        }
        ListenerType::NodePort => {
            let Some(port) = observed.node_ports.get(&service) else {
                return String::new();
            };
            let nodes = nodes(listener, observed)
                .into_iter()
                .take(BOOTSTRAP_ADDRESSES);
            let servers = nodes.map(|node| format!("{}:{port}", bracketed(node)));
            servers.collect::<Vec<_>>().join(",")
        }
        ListenerType::LoadBalancer => {
            let host = observed.load_balancers.get(&service);
            host.map_or_else(String::new, |host| {
                format!("{}:{}", bracketed(host), listener.port)
            })
        }
    }
}

/// `host:port,…` of the pods that serve clients.
fn pods(cluster: &Cluster, observed: &Observed, port: u16) -> String {
    let serving = cluster.serving();
    let known = serving.filter_map(|broker| observed.pod_addresses.get(&broker.pod));
    let servers = known.map(|host| format!("{}:{port}", bracketed(host)));
    let servers: Vec<String> = servers.take(BOOTSTRAP_ADDRESSES).collect();
    servers.join(",")
}

/// Names of nodes as the user gave them, else their addresses.
fn nodes<'a>(listener: &'a Listener, observed: &'a Observed) -> Vec<&'a String> {
    match &listener.advertised {
        None => observed.node_addresses.iter().collect(),
        Some(said) => said
            .hosts
            .values()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

fn bracketed(host: &str) -> String {
    match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}
