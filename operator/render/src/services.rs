//! Services: one without an address that names every pod, one for each listener to bootstrap from,
//! and one for each broker and listener that clients reach from outside the pods' own names.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use millrace_model::{Broker, Cluster, Listener, ListenerType, Reserved, names};

use crate::labels::{self, LISTENER_LABEL, Labels, POD_NAME_LABEL};

pub(crate) fn render(cluster: &Cluster) -> Vec<Service> {
    let mut services = vec![headless(cluster)];
    for listener in &cluster.listeners {
        services.push(bootstrap(cluster, listener));
        if listener.has_broker_services() {
            let of_broker = |broker| of_broker(cluster, listener, broker);
            services.extend(cluster.serving().map(of_broker));
        }
    }
    services
}

/// It names pods that are not ready too: brokers must find each other to become so.
fn headless(cluster: &Cluster) -> Service {
    let mut ports = vec![
        port("controller", Reserved::CONTROLLER_PORT),
        port("operator", Reserved::OPERATOR_PORT),
        port("metrics", cluster.metrics.port),
    ];
    let internal = |listener: &&Listener| listener.kind == ListenerType::Internal;
    let listeners = cluster.listeners.iter().filter(internal);
    ports.extend(listeners.map(listener_port));
    let name = names::headless_service(&cluster.key.name);
    Service {
        metadata: labels::metadata(cluster, name, labels::of_cluster(cluster)),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(labels::all_pods(cluster)),
            ports: Some(ports),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn bootstrap(cluster: &Cluster, listener: &Listener) -> Service {
    let name = names::bootstrap_service(&cluster.key.name, &listener.name);
    of_listener(cluster, listener, name, labels::serving_pods(cluster))
}

fn of_broker(cluster: &Cluster, listener: &Listener, broker: &Broker) -> Service {
    let name = names::broker_service(&broker.pod, &listener.name);
    let pod = Labels::from([(POD_NAME_LABEL.to_owned(), broker.pod.clone())]);
    of_listener(cluster, listener, name, pod)
}

fn of_listener(cluster: &Cluster, listener: &Listener, name: String, pods: Labels) -> Service {
    let mut own_labels = labels::of_cluster(cluster);
    own_labels.insert(LISTENER_LABEL.to_owned(), listener.name.clone());
    let mut metadata = labels::metadata(cluster, name, own_labels);
    metadata.annotations = labels::unless_empty(listener.annotations.clone());
    Service {
        metadata,
        spec: Some(ServiceSpec {
            type_: Some(service_type(listener.kind).to_owned()),
            selector: Some(pods),
            ports: Some(vec![listener_port(listener)]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn service_type(kind: ListenerType) -> &'static str {
    match kind {
        ListenerType::Internal | ListenerType::ClusterIp => "ClusterIP",
        ListenerType::NodePort => "NodePort",
        ListenerType::LoadBalancer => "LoadBalancer",
    }
}

fn listener_port(listener: &Listener) -> ServicePort {
    port(&listener.name, listener.port)
}

fn port(name: &str, port: u16) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port: port.into(),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::Int(port.into())),
        ..ServicePort::default()
    }
}
