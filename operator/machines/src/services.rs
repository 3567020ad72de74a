//! Services: addresses and node ports as Kubernetes gives them out, as long as there are any. Nothing
//! listens there, because whoever is on the machine reaches the pods themselves.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::Arc;

use millrace_local::LocalApi;
use serde_json::{Value, json};

use crate::events::{Events, Note, Source};
use crate::json::{is_going, items, place, text, uid};

/// Those that Kubernetes gives out where nobody says otherwise.
const NODE_PORTS: RangeInclusive<u32> = 30_000..=32_767;
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 96, 0, 2);
const LAST_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 96, 255, 254);

/// The reason of the event of a Service that nothing is left for.
const NOTHING_LEFT: &str = "RangeFull";

/// Gives Services what they lack.
#[derive(Debug, Default)]
pub(crate) struct Services {
    /// Those that were told that nothing is left for them, by uid.
    told: BTreeSet<String>,
}

/// What some Service has.
struct Taken {
    ports: BTreeSet<u32>,
    addresses: BTreeSet<u32>,
}

impl Services {
    /// Gives each Service what it lacks. Load balancers are all reached at `host`.
    pub(crate) fn tend(
        &mut self,
        api: &LocalApi,
        services: &[Arc<Value>],
        host: &str,
        events: &Events,
    ) {
        let mut taken = Taken::by(services);
        let mut unserved = BTreeSet::new();
        for service in services.iter().filter(|service| lacks(service)) {
            let (namespace, name) = place(service);
            let mut missing = None;
            // Whoever took it away meanwhile needs nothing more.
            let _gone = api.edit("Service", namespace, name, |service| {
                missing = taken.give(service, host).err();
            });
            if let Some(why) = missing {
                if !self.told.contains(uid(service)) {
                    let note = Note::warning(NOTHING_LEFT, why);
                    events.tell(service, Source::Services, &note);
                }
                unserved.insert(uid(service).to_owned());
            }
        }
        self.told = unserved;
    }
}

impl Taken {
    fn by(services: &[Arc<Value>]) -> Self {
        let specs = || services.iter().map(|service| &service["spec"]);
        let ports = specs().flat_map(|spec| items(&spec["ports"]));
        let ports = ports.filter_map(|port| port["nodePort"].as_u64()?.try_into().ok());
        let addresses = specs().filter_map(|spec| text(&spec["clusterIP"]).parse().ok());
        Self {
            ports: ports.collect(),
            addresses: addresses.map(Ipv4Addr::to_bits).collect(),
        }
    }

    /// Gives a Service what it lacks, or says what there is none left of.
    fn give(&mut self, service: &mut Value, host: &str) -> Result<(), String> {
        if service["spec"].get("clusterIP").is_none() {
            let all = FIRST_ADDRESS.to_bits()..=LAST_ADDRESS.to_bits();
            let free = first_free(&mut self.addresses, all).ok_or_else(|| {
                format!("all addresses from {FIRST_ADDRESS} to {LAST_ADDRESS} are taken: delete a Service")
            })?;
            let free = Ipv4Addr::from_bits(free).to_string();
            service["spec"]["clusterIP"] = free.into();
        }
        if has_node_ports(service) {
            let all = service["spec"]["ports"].as_array_mut();
            let all = all.into_iter().flatten();
            for port in all.filter(|port| port.get("nodePort").is_none()) {
                let free = first_free(&mut self.ports, NODE_PORTS).ok_or_else(|| {
                    let (first, last) = NODE_PORTS.into_inner();
                    format!(
                        "all node ports from {first} to {last} are taken: delete a Service of type \
                         NodePort or LoadBalancer"
                    )
                })?;
                port["nodePort"] = free.into();
            }
        }
        if wants_host(service) {
            service["status"] = json!({"loadBalancer": {"ingress": [{"ip": host}]}});
        }
        Ok(())
    }
}

/// Takes the first that nobody has.
fn first_free(taken: &mut BTreeSet<u32>, mut all: RangeInclusive<u32>) -> Option<u32> {
    all.find(|one| taken.insert(*one))
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn service(name: &str, ports: usize) -> Value {
        let ports: Vec<Value> = (0..ports).map(|port| json!({"port": port + 1})).collect();
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "n"},
            "spec": {"type": "NodePort", "ports": ports}})
    }

    fn told(api: &LocalApi) -> Vec<String> {
        let events = api.objects("Event");
        let told = events.iter().map(|event| {
            let of = text(&event["regarding"]["name"]);
            format!("{of} {} {}", event["deprecatedCount"], text(&event["note"]))
        });
        told.collect()
    }

    fn node_port(api: &LocalApi, name: &str) -> Value {
        let service = api.object("Service", "n", name).expect("a Service");
        service["spec"]["ports"][0]["nodePort"].clone()
    }

    #[test]
    fn who_finds_no_node_port_is_told_once_and_gets_the_next_that_is_free() {
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let events = Events::new(api.clone(), "here".to_owned());
        let mut services = Services::default();
        let mut round = || services.tend(&api, &api.objects("Service"), "127.0.0.1", &events);
        for (name, ports) in [("a-large", NODE_PORTS.count()), ("b-late", 1)] {
            api.create(service(name, ports)).expect("a Service");
        }
        round();
        round();
        let words = "all node ports from 30000 to 32767 are taken: delete a Service of type NodePort or LoadBalancer";
        assert_eq!(told(&api), [format!("b-late 1 {words}")]);
        assert_eq!(node_port(&api, "a-large"), 30_000);
        assert_eq!(node_port(&api, "b-late"), Value::Null);
        api.delete("Service", "n", "a-large").expect("a Service");
        round();
        assert_eq!(node_port(&api, "b-late"), 30_000);
        api.create(service("c-next", NODE_PORTS.count()))
            .expect("a Service");
        round();
        assert_eq!(told(&api).len(), 2, "another one is told anew");
    }

    #[test]
    fn addresses_end_too() {
        let mut taken = Taken::by(&[]);
        let mut give = |service: &mut Value| taken.give(service, "127.0.0.1");
        let mut first = service("first", 0);
        give(&mut first).expect("an address");
        assert_eq!(first["spec"]["clusterIP"], "10.96.0.2");
        let rest = FIRST_ADDRESS.to_bits()..=LAST_ADDRESS.to_bits();
        taken.addresses.extend(rest);
        let refused = taken.give(&mut service("last", 0), "127.0.0.1");
        let words = "all addresses from 10.96.0.2 to 10.96.255.254 are taken: delete a Service";
        assert_eq!(refused, Err(words.to_owned()));
    }
}
