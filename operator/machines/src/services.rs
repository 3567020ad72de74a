//! Services: addresses and node ports as Kubernetes gives them out. Nothing listens there, because
//! whoever is on the machine reaches the pods themselves.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use millrace_local::LocalApi;
use serde_json::{Value, json};

use crate::json::{is_going, items, place, text};

const FIRST_NODE_PORT: u64 = 30_000;
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 96, 0, 2);

/// Gives each Service what it lacks. Load balancers are all reached at `host`.
pub(crate) fn tend(api: &LocalApi, services: &[std::sync::Arc<Value>], host: &str) {
    let ports = services
        .iter()
        .flat_map(|service| items(&service["spec"]["ports"]));
    let mut ports: BTreeSet<u64> = ports.filter_map(|port| port["nodePort"].as_u64()).collect();
    let addresses = services.iter();
    let mut addresses: BTreeSet<Ipv4Addr> = addresses
        .filter_map(|service| text(&service["spec"]["clusterIP"]).parse().ok())
        .collect();
    for service in services {
        if !lacks(service) {
            continue;
        }
        let (namespace, name) = place(service);
        // Whoever took it away meanwhile needs nothing more.
        let _gone = api.edit("Service", namespace, name, |service| {
            give(service, &mut ports, &mut addresses, host);
        });
    }
}

fn has_node_ports(service: &Value) -> bool {
    matches!(text(&service["spec"]["type"]), "NodePort" | "LoadBalancer")
}

fn wants_host(service: &Value) -> bool {
    service["spec"]["type"] == "LoadBalancer"
        && service["status"]["loadBalancer"].get("ingress").is_none()
}

fn lacks(service: &Value) -> bool {
    let spec = &service["spec"];
    let mut ports = items(&spec["ports"]);
    !is_going(service)
        && (spec.get("clusterIP").is_none()
            || (has_node_ports(service) && ports.any(|port| port.get("nodePort").is_none()))
            || wants_host(service))
}

fn give(
    service: &mut Value,
    ports: &mut BTreeSet<u64>,
    addresses: &mut BTreeSet<Ipv4Addr>,
    host: &str,
) {
    if service["spec"].get("clusterIP").is_none() {
        let mut address = FIRST_ADDRESS;
        while !addresses.insert(address) {
            address = Ipv4Addr::from_bits(address.to_bits().wrapping_add(1));
        }
        service["spec"]["clusterIP"] = address.to_string().into();
    }
    if has_node_ports(service) {
        let all = service["spec"]["ports"].as_array_mut();
        for port in all.into_iter().flatten() {
            if port.get("nodePort").is_none() {
                let mut free = FIRST_NODE_PORT;
                while !ports.insert(free) {
                    free += 1;
                }
                port["nodePort"] = free.into();
            }
        }
    }
    if wants_host(service) {
        service["status"] = json!({"loadBalancer": {"ingress": [{"ip": host}]}});
    }
}
