//! Who may connect to a cluster's pods, port by port.

use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use millrace_model::{Cluster, Reserved, names};

use crate::labels;

pub(crate) fn render(cluster: &Cluster) -> NetworkPolicy {
    let name = names::network_policy(&cluster.key.name);
    let clients = cluster.listeners.iter();
    let clients = clients.map(|listener| rule(listener.port, listener.peers.clone()));
    let mut ingress = vec![
        rule(Reserved::CONTROLLER_PORT, vec![fellow_pods(cluster)]),
        rule(Reserved::OPERATOR_PORT, operator_and_fellows(cluster)),
    ];
    ingress.extend(clients);
    ingress.push(rule(cluster.metrics.port, cluster.metrics.peers.clone()));
    NetworkPolicy {
        metadata: labels::metadata(cluster, name, labels::of_cluster(cluster)),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(labels::selector(labels::all_pods(cluster))),
            policy_types: Some(vec!["Ingress".to_owned()]),
            ingress: Some(ingress),
            ..NetworkPolicySpec::default()
        }),
    }
}

/// An operator that is no pod may connect from anywhere.
fn operator_and_fellows(cluster: &Cluster) -> Vec<NetworkPolicyPeer> {
    match &cluster.operator_pods {
        Some(operator) => vec![operator.clone(), fellow_pods(cluster)],
        None => Vec::new(),
    }
}

fn fellow_pods(cluster: &Cluster) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(labels::selector(labels::all_pods(cluster))),
        ..NetworkPolicyPeer::default()
    }
}

/// Without peers it admits everybody.
fn rule(port: u16, peers: Vec<NetworkPolicyPeer>) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule {
        from: (!peers.is_empty()).then_some(peers),
        ports: Some(vec![NetworkPolicyPort {
            port: Some(IntOrString::Int(port.into())),
            protocol: Some("TCP".to_owned()),
            ..NetworkPolicyPort::default()
        }]),
    }
}
