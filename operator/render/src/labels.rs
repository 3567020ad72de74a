//! Labels, owner reference and metadata that every object of a cluster carries.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use kube::Resource;
use millrace_crds::KafkaCluster;
use millrace_model::{Cluster, Pool, Role};

pub const CLUSTER_LABEL: &str = "millrace.dev/cluster";
pub const POOL_LABEL: &str = "millrace.dev/pool";
/// `true` on pods that serve clients.
pub const BROKER_LABEL: &str = "millrace.dev/broker";
/// On the Services of a listener: its name in the resource.
pub const LISTENER_LABEL: &str = "millrace.dev/listener";
/// Kubernetes' own, on each pod of a StatefulSet.
pub(crate) const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";

pub(crate) type Labels = BTreeMap<String, String>;

/// On every object.
pub(crate) fn of_cluster(cluster: &Cluster) -> Labels {
    labels([
        ("app.kubernetes.io/name", "millrace"),
        ("app.kubernetes.io/instance", &cluster.key.name),
        ("app.kubernetes.io/managed-by", "millrace-operator"),
        ("app.kubernetes.io/component", "broker"),
        (CLUSTER_LABEL, &cluster.key.name),
    ])
}

/// On everything of a pool.
pub(crate) fn of_pool(cluster: &Cluster, pool: &Pool) -> Labels {
    let mut all = of_cluster(cluster);
    all.insert(POOL_LABEL.to_owned(), pool.name.clone());
    all
}

/// On the pods of a pool, over the user's own.
pub(crate) fn of_pods(cluster: &Cluster, pool: &Pool) -> Labels {
    let mut all = pool.template.labels.clone();
    all.extend(of_pool(cluster, pool));
    let serves = pool.has_role(Role::Broker).to_string();
    all.insert(BROKER_LABEL.to_owned(), serves);
    all
}

/// Picks every pod of the cluster.
pub(crate) fn all_pods(cluster: &Cluster) -> Labels {
    labels([(CLUSTER_LABEL, &*cluster.key.name)])
}

/// Picks every pod that serves clients.
pub(crate) fn serving_pods(cluster: &Cluster) -> Labels {
    labels([(CLUSTER_LABEL, &*cluster.key.name), (BROKER_LABEL, "true")])
}

/// Picks the pods of a pool.
pub(crate) fn pool_pods(cluster: &Cluster, pool: &Pool) -> Labels {
    labels([
        (CLUSTER_LABEL, &*cluster.key.name),
        (POOL_LABEL, &pool.name),
    ])
}

pub(crate) fn selector(labels: Labels) -> LabelSelector {
    LabelSelector {
        match_labels: Some(labels),
        ..LabelSelector::default()
    }
}

/// Of an object that goes when the cluster goes.
pub(crate) fn metadata(cluster: &Cluster, name: String, labels: Labels) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(cluster.key.namespace.to_string()),
        labels: Some(labels),
        owner_references: Some(vec![OwnerReference {
            api_version: KafkaCluster::api_version(&()).into_owned(),
            kind: KafkaCluster::kind(&()).into_owned(),
            name: cluster.key.name.to_string(),
            uid: cluster.uid.clone(),
            controller: Some(true),
            ..OwnerReference::default()
        }]),
        ..ObjectMeta::default()
    }
}

/// A map is left out when there is nothing in it.
pub(crate) fn unless_empty(map: BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    (!map.is_empty()).then_some(map)
}

fn labels<const N: usize>(pairs: [(&str, &str); N]) -> Labels {
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    pairs.into_iter().map(owned).collect()
}
