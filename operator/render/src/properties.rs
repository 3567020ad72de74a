//! `server.properties` of each broker: what follows from the cluster, then what the user wants.

mod text;

use std::collections::BTreeMap;

use millrace_model::{Broker, Cluster, Listener, Pool, Reserved, Role};

use crate::addresses::{self, Observed, Waiting};
use crate::pod;

/// The properties of one broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerProperties {
    /// Everything that the broker is told, by key.
    pub values: BTreeMap<String, String>,
    /// Listeners that are left out, because their address is not known yet.
    pub waiting: Vec<Waiting>,
}

/// These say how the fleet's own topics begin. A broker that runs has no use for a new value.
pub(crate) const FOR_NEW_TOPICS: &[&str] = &[
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
];

/// What each broker has of its own.
pub(crate) const ADDRESSES: &[&str] = &[
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
];

impl BrokerProperties {
    pub(crate) fn render(
        cluster: &Cluster,
        pool: &Pool,
        broker: &Broker,
        observed: &Observed,
    ) -> Self {
        let mut values = BTreeMap::new();
        let mut set = |key: &str, value: String| drop(values.insert(key.to_owned(), value));
        set("node.id", broker.id.to_string());
        set("process.roles", roles(pool));
        for (key, value) in quorum(cluster, observed) {
            set(key, value);
        }
        let (entries, waiting) = entries(cluster, pool, broker, observed);
        for (key, value) in listeners(cluster, &entries) {
            set(key, value);
        }
        set(
            "inter.broker.listener.name",
            Reserved::OPERATOR_LISTENER.to_owned(),
        );
        set("log.dirs", pod::log_directory(cluster));
        let host = match addresses::bound(cluster) {
            "" => "0.0.0.0",
            one => one,
        };
        set(
            "millrace.metrics.listener",
            format!("{host}:{}", cluster.metrics.port),
        );
        set("config.providers", "env,directory".to_owned());
        if cluster.rack_key.is_some() {
            let (directory, file) = (pod::FACTS_DIRECTORY, pod::RACK_FILE);
            set("broker.rack", format!("${{directory:{directory}:{file}}}"));
        }
        for (key, value) in for_new_topics(cluster) {
            set(key, value);
        }
        values.extend(cluster.properties.clone());
        Self { values, waiting }
    }

    /// The file that the broker reads.
    #[must_use]
    pub fn text(&self) -> String {
        text::write(&self.values)
    }
}

/// A listener as the broker opens it. Controllers' listeners are not advertised.
struct Entry<'a> {
    name: &'a str,
    port: u16,
    advertised: Option<String>,
}

fn entries<'a>(
    cluster: &'a Cluster,
    pool: &Pool,
    broker: &Broker,
    observed: &Observed,
) -> (Vec<Entry<'a>>, Vec<Waiting>) {
    let mut entries = Vec::new();
    let mut waiting = Vec::new();
    if has_quorum(cluster) && pool.has_role(Role::Controller) {
        entries.push(Entry {
            name: Reserved::CONTROLLER_LISTENER,
            port: Reserved::CONTROLLER_PORT,
            advertised: None,
        });
    }
    if pool.has_role(Role::Broker) {
        let port = Reserved::OPERATOR_PORT;
        entries.push(Entry {
            name: Reserved::OPERATOR_LISTENER,
            port,
            advertised: Some(format!("{}:{port}", addresses::own(cluster, broker))),
        });
        for listener in &cluster.listeners {
            match addresses::advertised(cluster, listener, broker, observed) {
                Ok(address) => entries.push(client_entry(listener, address)),
                Err(what) => waiting.push(Waiting {
                    pod: broker.pod.clone(),
                    listener: listener.name.clone(),
                    what,
                }),
            }
        }
    }
    (entries, waiting)
}

/// What [`ADDRESSES`] name. Every node knows the protocol of controllers, whoever has their listener.
fn listeners(cluster: &Cluster, entries: &[Entry<'_>]) -> Vec<(&'static str, String)> {
    let host = addresses::bound(cluster);
    let bound = entries.iter();
    let bound = bound.map(|entry| format!("{}://{host}:{}", entry.name, entry.port));
    let advertised = entries.iter().filter_map(|entry| {
        let address = entry.advertised.as_ref()?;
        Some(format!("{}://{address}", entry.name))
    });
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    if has_quorum(cluster) && !names.contains(&Reserved::CONTROLLER_LISTENER) {
        names.push(Reserved::CONTROLLER_LISTENER);
    }
    let protocols = names.iter().map(|name| format!("{name}:PLAINTEXT"));
    let lists: [Vec<String>; 3] = [bound.collect(), advertised.collect(), protocols.collect()];
    let said = ADDRESSES.iter().zip(lists);
    let said = said.filter(|(_, list)| !list.is_empty());
    said.map(|(key, list)| (*key, list.join(","))).collect()
}

fn client_entry(listener: &Listener, address: String) -> Entry<'_> {
    Entry {
        name: &listener.kafka_name,
        port: listener.port,
        advertised: Some(address),
    }
}

fn roles(pool: &Pool) -> String {
    let names = pool.roles.iter().rev().map(|role| match role {
        Role::Broker => "broker",
        Role::Controller => "controller",
    });
    names.collect::<Vec<_>>().join(",")
}

/// One node alone is its own quorum and needs to be told nothing.
fn has_quorum(cluster: &Cluster) -> bool {
    cluster.brokers.len() > 1
}

fn quorum(cluster: &Cluster, observed: &Observed) -> Vec<(&'static str, String)> {
    if !has_quorum(cluster) {
        return Vec::new();
    }
    let controls = |broker: &&Broker| {
        let pool = cluster.pool(&broker.pool);
        pool.is_some_and(|pool| pool.has_role(Role::Controller))
    };
    let controllers = cluster.brokers.iter().filter(controls);
    let hosts = controllers.filter_map(|broker| addresses::fellow(cluster, broker, observed));
    let servers = hosts.map(|host| format!("{host}:{}", Reserved::CONTROLLER_PORT));
    vec![
        (
            "controller.listener.names",
            Reserved::CONTROLLER_LISTENER.to_owned(),
        ),
        (
            "controller.quorum.bootstrap.servers",
            servers.collect::<Vec<_>>().join(","),
        ),
    ]
}

/// Kafka's own numbers, as far as the cluster has brokers for them.
fn for_new_topics(cluster: &Cluster) -> impl Iterator<Item = (&'static str, String)> {
    const REPLICAS: usize = 3;
    const IN_SYNC: usize = 2;
    let replicas = cluster.serving().count().clamp(1, REPLICAS);
    let in_sync = if replicas == REPLICAS { IN_SYNC } else { 1 };
    FOR_NEW_TOPICS.iter().map(move |key| {
        let in_sync_key = key.ends_with(".min.isr");
        let count = if in_sync_key { in_sync } else { replicas };
        (*key, count.to_string())
    })
}
