//! The name of every object that is made from a cluster, derived in this one place.

/// Of a pool.
#[must_use]
pub fn stateful_set(cluster: &str, pool: &str) -> String {
    format!("{cluster}-{pool}")
}

/// Of a broker's pod, as the StatefulSet controller calls it.
#[must_use]
pub fn pod(cluster: &str, pool: &str, ordinal: u32) -> String {
    format!("{cluster}-{pool}-{ordinal}")
}

/// Of the claim for a broker's volume, as the StatefulSet controller calls it.
#[must_use]
pub fn claim(pod: &str) -> String {
    format!("{DATA_VOLUME}-{pod}")
}

/// Of the headless Service that gives every pod its own DNS name.
#[must_use]
pub fn headless_service(cluster: &str) -> String {
    format!("{cluster}-brokers")
}

/// Of the Service that clients find any broker by.
#[must_use]
pub fn bootstrap_service(cluster: &str, listener: &str) -> String {
    format!("{cluster}-{listener}-bootstrap")
}

/// Of the Service that clients reach one broker by.
#[must_use]
pub fn broker_service(pod: &str, listener: &str) -> String {
    format!("{pod}-{listener}")
}

/// Of the ConfigMap with the properties of every broker.
#[must_use]
pub fn config_map(cluster: &str) -> String {
    format!("{cluster}-config")
}

/// Of the entry in that ConfigMap that one broker reads.
#[must_use]
pub fn properties_file(pod: &str) -> String {
    format!("{pod}.properties")
}

#[must_use]
pub fn service_account(cluster: &str) -> String {
    format!("{cluster}-broker")
}

#[must_use]
pub fn disruption_budget(cluster: &str) -> String {
    cluster.to_owned()
}

#[must_use]
pub fn network_policy(cluster: &str) -> String {
    format!("{cluster}-brokers")
}

/// Of a pod inside the Kubernetes cluster.
#[must_use]
pub fn pod_dns(pod: &str, cluster: &str, namespace: &str, domain: &str) -> String {
    let service = headless_service(cluster);
    format!("{pod}.{service}.{namespace}.svc.{domain}")
}

/// Of a Service inside the Kubernetes cluster.
#[must_use]
pub fn service_dns(service: &str, namespace: &str, domain: &str) -> String {
    format!("{service}.{namespace}.svc.{domain}")
}

/// The volume that a broker keeps its records on.
pub const DATA_VOLUME: &str = "data";
