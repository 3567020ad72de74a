//! Listeners: names and ports that are free, and addresses that tell brokers apart.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use millrace_crds::{AdvertisedAddress, Listener as RawListener, ListenerType, OWNED_LABELS};

use crate::cluster::{Advertised, Broker, Listener, Reserved};
use crate::key::ObjectKey;
use crate::problem::{Findings, reason};
use crate::{names, placeholders, syntax};

const LONGEST_LISTENER_NAME: usize = 20;
/// Below are those of the operator, above those of Kubernetes' nodes.
const PORTS: RangeInclusive<i32> = 9092..=32_767;
/// The operator's own listeners and Services have them.
const RESERVED_NAMES: &[&str] = &["operator", "controller", "bootstrap", "brokers"];
const LONGEST_SERVICE_NAME: usize = 63;

pub(crate) fn resolve(
    raw: &[RawListener],
    cluster: &ObjectKey,
    brokers: &[Broker],
    metrics_port: u16,
    findings: &mut Findings,
) -> Vec<Listener> {
    let left_out = [RawListener {
        name: "plain".to_owned(),
        port: *PORTS.start(),
        kind: ListenerType::Internal,
        advertised: None,
        annotations: BTreeMap::new(),
        network_policy_peers: Vec::new(),
    }];
    let raw = if raw.is_empty() { &left_out } else { raw };
    let mut listeners = Vec::new();
    for (index, listener) in raw.iter().enumerate() {
        let at = format!("spec.listeners[{index}]");
        check_name(listener, raw, index, findings);
        listeners.push(Listener {
            name: listener.name.clone(),
            kafka_name: listener.name.to_uppercase().replace('-', "_"),
            port: port(listener, &raw[..index], metrics_port, &at, findings),
            kind: listener.kind,
            advertised: advertised(listener, cluster, brokers, &at, findings),
            annotations: annotations(listener, &at, findings),
            peers: listener.network_policy_peers.clone(),
        });
    }
    check_services(&listeners, cluster, brokers, findings);
    listeners
}

fn check_name(listener: &RawListener, all: &[RawListener], index: usize, findings: &mut Findings) {
    let (at, name) = (format!("spec.listeners[{index}].name"), &listener.name);
    if !syntax::is_dns_label(name) || name.len() > LONGEST_LISTENER_NAME {
        findings.refuse(
            &at,
            reason::INVALID,
            format!("{name:?} cannot be part of the names of Services"),
            format!(
                "use a DNS label that begins with a letter, of at most {LONGEST_LISTENER_NAME} characters"
            ),
        );
    }
    if RESERVED_NAMES.contains(&name.as_str()) {
        findings.refuse(
            &at,
            reason::RESERVED,
            format!("the name {name} is taken by the operator"),
            "choose another name",
        );
    }
    if all[..index].iter().any(|earlier| earlier.name == *name) {
        findings.refuse(
            &at,
            reason::DUPLICATE,
            format!("two listeners are called {name}"),
            "give each its own name",
        );
    }
}

fn port(
    listener: &RawListener,
    earlier: &[RawListener],
    metrics_port: u16,
    at: &str,
    findings: &mut Findings,
) -> u16 {
    let (at, said) = (format!("{at}.port"), listener.port);
    let fix = || {
        let (first, last) = (PORTS.start(), PORTS.end());
        format!("choose another one of {first} to {last}")
    };
    if said == i32::from(metrics_port) {
        let message = format!("port {said} is that of metrics");
        findings.refuse(&at, reason::CONFLICT, message, fix());
    }
    if earlier.iter().any(|other| other.port == said) {
        let message = format!("two listeners have port {said}");
        findings.refuse(&at, reason::DUPLICATE, message, fix());
    }
    let port = u16::try_from(said).ok().filter(|_| PORTS.contains(&said));
    port.unwrap_or_else(|| {
        let message = format!("{said} cannot be the port of a listener");
        findings.refuse(&at, reason::INVALID, message, fix());
        Reserved::OPERATOR_PORT
    })
}

fn advertised(
    listener: &RawListener,
    cluster: &ObjectKey,
    brokers: &[Broker],
    at: &str,
    findings: &mut Findings,
) -> Option<Advertised> {
    let address = listener.advertised.as_ref()?;
    let port = advertised_port(address, at, findings);
    let at = format!("{at}.advertised.host");
    let mut hosts = BTreeMap::new();
    for broker in brokers {
        let host = placeholders::fill(&address.host, |name| match name {
            "id" => Some(broker.id.to_string()),
            "pod" => Some(broker.pod.clone()),
            "cluster" => Some(cluster.name.to_string()),
            "namespace" => Some(cluster.namespace.to_string()),
            _ => None,
        });
        let host = host.and_then(|host| match syntax::is_host(&host) {
            true => Ok(host),
            false => Err(format!("{host:?} is neither a host name nor an address")),
        });
        match host {
            Ok(host) => drop(hosts.insert(broker.id, host)),
            Err(message) => {
                let fix = "write a host name; {id}, {pod}, {cluster} and {namespace} are filled in";
                findings.refuse(&at, reason::INVALID, message, fix);
                // The other brokers' would be wrong in the same way.
                return None;
            }
        }
    }
    // Node ports differ, so one name for all of them still tells brokers apart.
    let by_port = listener.kind == ListenerType::NodePort && port.is_none();
    let distinct = hosts.values().collect::<BTreeSet<_>>().len();
    if distinct < hosts.len() && !by_port {
        findings.refuse(
            &at,
            reason::CONFLICT,
            format!("{} is the same for several brokers", address.host),
            "tell brokers apart with {id} or {pod}",
        );
    }
    Some(Advertised { hosts, port })
}

fn advertised_port(address: &AdvertisedAddress, at: &str, findings: &mut Findings) -> Option<u16> {
    let said = address.port?;
    let port = u16::try_from(said).ok().filter(|&port| port > 0);
    if port.is_none() {
        findings.refuse(
            format!("{at}.advertised.port"),
            reason::INVALID,
            format!("{said} is not a port"),
            "use one of 1 to 65535, or leave it out",
        );
    }
    port
}

fn annotations(
    listener: &RawListener,
    at: &str,
    findings: &mut Findings,
) -> BTreeMap<String, String> {
    let mut annotations = listener.annotations.clone();
    annotations.retain(|key, _| {
        let free = !key.starts_with(OWNED_LABELS);
        if !free {
            findings.warn(
                format!("{at}.annotations"),
                reason::RESERVED,
                format!("{key} is set by the operator, and not as it stands here"),
                "remove it",
            );
        }
        free
    });
    annotations
}

/// Names are made of names: different ones can come out the same, or too long.
fn check_services(
    listeners: &[Listener],
    cluster: &ObjectKey,
    brokers: &[Broker],
    findings: &mut Findings,
) {
    let mut taken = BTreeSet::from([names::headless_service(&cluster.name)]);
    for (index, listener) in listeners.iter().enumerate() {
        let own = brokers
            .iter()
            .filter(|_| listener.has_broker_services())
            .map(|broker| names::broker_service(&broker.pod, &listener.name));
        let bootstrap = names::bootstrap_service(&cluster.name, &listener.name);
        let services: Vec<String> = own.chain([bootstrap]).collect();
        let at = format!("spec.listeners[{index}].name");
        let too_long = |name: &&String| name.len() > LONGEST_SERVICE_NAME;
        if let Some(name) = services.iter().find(too_long) {
            findings.refuse(
                &at,
                reason::INVALID,
                format!("{name} is too long for the name of a Service"),
                "shorten the names of cluster, node pool or listener",
            );
        }
        if let Some(name) = services
            .into_iter()
            .find(|name| !taken.insert(name.clone()))
        {
            findings.refuse(
                &at,
                reason::CONFLICT,
                format!("two Services would be called {name}"),
                "rename the listener or a node pool",
            );
        }
    }
}
