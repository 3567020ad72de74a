//! What of a pod's inputs only a restart can change, as its template's annotation says it. Each input
//! is kept apart, by its meaning and not by how it is rendered: so a new operator that writes the same
//! thing differently restarts nobody, and a restart can be explained.

use std::collections::{BTreeMap, BTreeSet};

use millrace_model::{Broker, Cluster, Pool, PoolStorage, RestartCause};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

use crate::properties::{ADDRESSES, BrokerProperties, FOR_NEW_TOPICS};

/// On a pool's pods: what they were started with.
pub const RESTART_ANNOTATION: &str = "millrace.dev/restart-hash";

/// Digests of everything that a pod of a pool is started with. What is left out or empty has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartInputs {
    #[serde(default)]
    pod: BTreeMap<String, String>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
    /// Of each broker, by ordinal; brokers that wait for an address have none.
    #[serde(default)]
    addresses: BTreeMap<u32, String>,
}

const IMAGE: &str = "image";
const RESOURCES: &str = "resources";
const ENVIRONMENT: &str = "environment";
const SECURITY: &str = "security";
const SCHEDULING: &str = "scheduling";
const METADATA: &str = "metadata";
const STORAGE: &str = "storage";

/// A running broker has no use for a new value of these.
const READ_ONCE: &[&str] = &["node.id", "controller.quorum.bootstrap.servers"];

impl RestartInputs {
    pub(crate) fn of(
        cluster: &Cluster,
        pool: &Pool,
        properties: &BTreeMap<String, BrokerProperties>,
    ) -> Self {
        let mut inputs = Self {
            pod: pod(cluster, pool),
            ..Self::default()
        };
        let of_pool = |broker: &&Broker| broker.pool == pool.name;
        for broker in cluster.brokers.iter().filter(of_pool) {
            let Some(file) = properties.get(&broker.pod) else {
                continue;
            };
            if file.waiting.is_empty() {
                let addresses: Vec<_> = ADDRESSES.iter().map(|key| file.values.get(*key)).collect();
                inputs.addresses.insert(broker.ordinal, digest(&addresses));
            }
            if inputs.properties.is_empty() {
                inputs.properties = shared(cluster, file);
            }
        }
        inputs
    }

    /// Text for the annotation.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("maps of strings are JSON")
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Why a pod that was started with `annotation` must restart to become what this says. What
    /// `dynamic` names is altered while the broker runs.
    pub(crate) fn causes(
        &self,
        annotation: Option<&str>,
        ordinal: u32,
        dynamic: &BTreeSet<String>,
    ) -> BTreeSet<RestartCause> {
        let Some(running) = annotation.and_then(Self::read) else {
            return BTreeSet::from([RestartCause::Unknown]);
        };
        let pod = differences(&self.pod, &running.pod).filter_map(cause);
        let properties = differences(&self.properties, &running.properties)
            .filter(|key| !dynamic.contains(*key))
            .map(|key| RestartCause::Property(key.to_owned()));
        // While an address is not known, what the broker has is as good as it gets.
        let wanted = self.addresses.get(&ordinal);
        let moved = wanted.is_some() && wanted != running.addresses.get(&ordinal);
        let addresses = moved.then_some(RestartCause::Addresses);
        pod.chain(properties).chain(addresses).collect()
    }
}

fn pod(cluster: &Cluster, pool: &Pool) -> BTreeMap<String, String> {
    let template = &pool.template;
    let storage = match &pool.storage {
        PoolStorage::Ephemeral { size_limit } => ("ephemeral", size_limit.as_ref()),
        // A volume grows without a restart.
        PoolStorage::Persistent { .. } => ("persistent", None),
    };
    let mut parts = BTreeMap::new();
    let mut add = |part: &str, is_empty: bool, digest: String| {
        if !is_empty {
            parts.insert(part.to_owned(), digest);
        }
    };
    add(IMAGE, false, digest(&cluster.image));
    add(STORAGE, false, digest(&storage));
    add(RESOURCES, pool.resources.is_none(), digest(&pool.resources));
    add(ENVIRONMENT, template.env.is_empty(), digest(&template.env));
    let secrets = &template.image_pull_secrets;
    add(
        SECURITY,
        template.security_context.is_none() && secrets.is_empty(),
        digest(&(&template.security_context, secrets)),
    );
    let scheduling = (
        &template.node_selector,
        &template.affinity,
        &template.tolerations,
        &template.topology_spread_constraints,
        &template.priority_class_name,
        &cluster.rack_key,
    );
    let anywhere = template.node_selector.is_empty()
        && template.affinity.is_none()
        && template.tolerations.is_empty()
        && template.topology_spread_constraints.is_empty()
        && template.priority_class_name.is_none()
        && cluster.rack_key.is_none();
    add(SCHEDULING, anywhere, digest(&scheduling));
    add(
        METADATA,
        template.labels.is_empty() && template.annotations.is_empty(),
        digest(&(&template.labels, &template.annotations)),
    );
    parts
}

/// What all brokers of a pool are told alike.
fn shared(cluster: &Cluster, file: &BrokerProperties) -> BTreeMap<String, String> {
    let matters = |key: &str| {
        let own = ADDRESSES.contains(&key) || READ_ONCE.contains(&key);
        let derived = FOR_NEW_TOPICS.contains(&key) && !cluster.properties.contains_key(key);
        !own && !derived
    };
    let values = file.values.iter().filter(|(key, _)| matters(key));
    values
        .map(|(key, value)| (key.clone(), digest(value)))
        .collect()
}

/// Keys that only one side has, or with another value.
fn differences<'a>(
    one: &'a BTreeMap<String, String>,
    other: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = &'a str> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter()
        .filter(|key| one.get(*key) != other.get(*key))
        .map(String::as_str)
}

/// An input that only another version of the operator knows is no reason.
fn cause(part: &str) -> Option<RestartCause> {
    match part {
        IMAGE => Some(RestartCause::Image),
        RESOURCES => Some(RestartCause::Resources),
        ENVIRONMENT => Some(RestartCause::Environment),
        SECURITY => Some(RestartCause::Security),
        SCHEDULING => Some(RestartCause::Scheduling),
        METADATA => Some(RestartCause::Metadata),
        STORAGE => Some(RestartCause::Storage),
        _ => None,
    }
}

/// Twelve digits: a change goes unnoticed once in 10¹⁴.
fn digest(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("specs are JSON");
    let hash = SipHasher24::new_with_keys(0, 0).hash(&json);
    format!("{:012x}", hash >> 16)
}
