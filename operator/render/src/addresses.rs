//! Where each broker can be reached: what brokers advertise, and what clients bootstrap from. A fact
//! that Kubernetes has not told yet is a [`Waiting`], not an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use millrace_model::{Broker, Cluster, Listener, ListenerType, names};

/// Facts about objects that exist already, which the rest depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Of each Service that has one.
    pub node_ports: BTreeMap<String, u16>,
    /// Host name or address of each Service's load balancer.
    pub load_balancers: BTreeMap<String, String>,
    /// Addresses of nodes that clients can connect to, the preferred ones first.
    pub node_addresses: Vec<String>,
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

/// Node addresses that clients are told to bootstrap from: enough for one to be up.
const BOOTSTRAP_NODES: usize = 3;

/// The node's address in the broker's own environment. Brackets are needed around an IPv6 address,
/// and brokers take them off of any.
const OWN_NODE: &str = "[${env:HOST_IP}]";

/// `host:port` that the broker tells clients of this listener.
pub(crate) fn advertised(
    cluster: &Cluster,
    listener: &Listener,
    broker: &Broker,
    observed: &Observed,
) -> Result<String, MissingFact> {
    let said = listener.advertised.as_ref();
    let host = said.and_then(|said| said.hosts.get(&broker.id));
    let host = host.map(|host| bracketed(host));
    let port = said.and_then(|said| said.port);
    let service = names::broker_service(&broker.pod, &listener.name);
    let (host, port) = match listener.kind {
        ListenerType::Internal => (
            host.unwrap_or_else(|| pod_dns(cluster, broker)),
            port.unwrap_or(listener.port),
        ),
        ListenerType::ClusterIp => (
            host.unwrap_or_else(|| service_dns(cluster, &service)),
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

/// `host:port` of one pod inside the Kubernetes cluster.
pub(crate) fn inside(cluster: &Cluster, broker: &Broker, port: u16) -> String {
    format!("{}:{port}", pod_dns(cluster, broker))
}

/// `host:port,…` that clients of a listener bootstrap from; empty while it is not known.
#[must_use]
pub fn bootstrap_servers(cluster: &Cluster, listener: &Listener, observed: &Observed) -> String {
    let service = names::bootstrap_service(&cluster.key.name, &listener.name);
    match listener.kind {
        ListenerType::Internal | ListenerType::ClusterIp => {
            format!("{}:{}", service_dns(cluster, &service), listener.port)
        }
        ListenerType::NodePort => {
            let Some(port) = observed.node_ports.get(&service) else {
                return String::new();
            };
            let nodes = nodes(listener, observed).into_iter().take(BOOTSTRAP_NODES);
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

fn pod_dns(cluster: &Cluster, broker: &Broker) -> String {
    let key = &cluster.key;
    names::pod_dns(&broker.pod, &key.name, &key.namespace, &cluster.dns_domain)
}

fn service_dns(cluster: &Cluster, service: &str) -> String {
    names::service_dns(service, &cluster.key.namespace, &cluster.dns_domain)
}

fn bracketed(host: &str) -> String {
    match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}
