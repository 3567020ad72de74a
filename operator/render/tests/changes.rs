//! What a changed cluster means for what runs already: who must restart and why, and which
//! StatefulSet has to be made anew.

use std::collections::BTreeSet;

use millrace_crds::KafkaCluster;
use millrace_model::{Cluster, Defaults, RestartCause};
use millrace_render::{ImmutableChange, Observed, Rendered, immutable_change, render};
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "apiVersion": "millrace.dev/v1alpha1",
        "kind": "KafkaCluster",
        "metadata": {"name": "c", "namespace": "n", "uid": "u"},
        "spec": {
            "nodePools": [{
                "name": "p",
                "replicas": 2,
                "storage": {"persistent": {"size": "1Gi"}},
                "template": {},
            }],
            "listeners": [
                {"name": "plain", "port": 9092, "type": "internal"},
                {"name": "out", "port": 9094, "type": "nodePort"},
            ],
            "config": {"num.io.threads": 8, "message.max.bytes": 1000},
        },
    })
}

fn cluster(raw: &Value) -> Cluster {
    let raw: KafkaCluster = serde_json::from_value(raw.clone()).unwrap();
    let defaults = Defaults {
        image_repository: "millrace".to_owned(),
        version: "1".to_owned(),
        image_pull_policy: None,
        dns_domain: "cluster.local".to_owned(),
        brokers_served: 10,
        operator_pods: None,
    };
    Cluster::resolve(&raw, &defaults).unwrap().value
}

fn observed(ports: [u16; 2]) -> Observed {
    let mut observed = Observed::default();
    for (ordinal, port) in ports.into_iter().enumerate() {
        let service = format!("c-p-{ordinal}-out");
        observed.node_ports.insert(service, port);
    }
    observed
}

const PORTS: [u16; 2] = [30_000, 30_001];

/// Why each of the first two pods that run `old` must restart to become `new`.
fn causes(old: &Rendered, new: &Rendered, wanted: &Cluster) -> [BTreeSet<RestartCause>; 2] {
    let template = &old.stateful_sets[0].spec.as_ref().unwrap().template;
    let annotations = template.metadata.as_ref().unwrap().annotations.as_ref();
    let dynamic = BTreeSet::from(["message.max.bytes".to_owned()]);
    [0, 1].map(|ordinal| new.restart_causes(&wanted.brokers[ordinal], annotations, &dynamic))
}

/// What changing one field means for both pods.
fn causes_of(pointer: &str, value: Value) -> Vec<RestartCause> {
    let mut changed = base();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    changed.pointer_mut(parent).unwrap()[field] = value;
    let wanted = cluster(&changed);
    let old = render(&cluster(&base()), &observed(PORTS));
    let new = render(&wanted, &observed(PORTS));
    let [first, second] = causes(&old, &new, &wanted);
    assert_eq!(first, second, "{pointer}");
    first.into_iter().collect()
}

#[test]
fn each_change_restarts_for_its_own_reason_or_not_at_all() {
    use RestartCause::{
        Addresses, Environment, Image, Metadata, Property, Resources, Scheduling, Security,
    };
    let pool = |field: &str| format!("/spec/nodePools/0/{field}");
    let property = |key: &str| Property(key.to_owned());
    let cases = [
        ("/spec/paused".to_owned(), json!(true), vec![]),
        ("/spec/version".to_owned(), json!("2"), vec![Image]),
        ("/spec/version".to_owned(), json!("1"), vec![]),
        (
            "/spec/config/num.io.threads".to_owned(),
            json!(9),
            vec![property("num.io.threads")],
        ),
        ("/spec/config/num.io.threads".to_owned(), json!("8"), vec![]),
        (
            "/spec/config/message.max.bytes".to_owned(),
            json!(2),
            vec![],
        ),
        (
            "/spec/config".to_owned(),
            json!({"message.max.bytes": 1000}),
            vec![property("num.io.threads")],
        ),
        (
            "/spec/metrics".to_owned(),
            json!({"port": 9999}),
            vec![property("millrace.metrics.listener")],
        ),
        (
            "/spec/listeners/0/port".to_owned(),
            json!(9095),
            vec![Addresses],
        ),
        (
            "/spec/listeners/0/networkPolicyPeers".to_owned(),
            json!([{"podSelector": {}}]),
            vec![],
        ),
        (
            "/spec/rack".to_owned(),
            json!({"topologyKey": "zone"}),
            vec![Scheduling, property("broker.rack")],
        ),
        (
            "/spec/rolling".to_owned(),
            json!({"unavailablePartitions": "Allow"}),
            vec![],
        ),
        (pool("replicas"), json!(4), vec![]),
        (pool("storage/persistent/size"), json!("2Gi"), vec![]),
        (pool("storage/persistent/deleteClaim"), json!(true), vec![]),
        (
            pool("resources"),
            json!({"limits": {"memory": "1Gi"}}),
            vec![Resources],
        ),
        (
            pool("template/env"),
            json!([{"name": "A", "value": "b"}]),
            vec![Environment],
        ),
        (
            pool("template/securityContext"),
            json!({"runAsUser": 7}),
            vec![Security],
        ),
        (
            pool("template/nodeSelector"),
            json!({"a": "b"}),
            vec![Scheduling],
        ),
        (pool("template/labels"), json!({"a": "b"}), vec![Metadata]),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(
            causes_of(&pointer, value.clone()),
            expected,
            "{pointer} {value}"
        );
    }
}

#[test]
fn a_moved_node_port_restarts_only_its_broker_and_a_lost_one_nobody() {
    let wanted = cluster(&base());
    let old = render(&wanted, &observed(PORTS));
    let moved = render(&wanted, &observed([30_000, 31_000]));
    let [first, second] = causes(&old, &moved, &wanted);
    assert_eq!(first, BTreeSet::new());
    assert_eq!(second, BTreeSet::from([RestartCause::Addresses]));

    let lost = render(&wanted, &Observed::default());
    assert_eq!(lost.waiting().count(), 2);
    let unmoved = [BTreeSet::new(), BTreeSet::new()];
    assert_eq!(causes(&old, &lost, &wanted), unmoved);
    // Who started without an address has to restart for it.
    let [first, second] = causes(&lost, &old, &wanted);
    assert_eq!(first, second);
    assert_eq!(first, BTreeSet::from([RestartCause::Addresses]));
}

#[test]
fn a_pod_that_does_not_say_what_it_runs_with_restarts() {
    let wanted = cluster(&base());
    let rendered = render(&wanted, &observed(PORTS));
    let causes = rendered.restart_causes(&wanted.brokers[0], None, &BTreeSet::new());
    assert_eq!(causes, BTreeSet::from([RestartCause::Unknown]));
}

#[test]
fn only_what_the_api_server_would_refuse_makes_a_stateful_set_anew() {
    let cases = [
        ("replicas", json!(5), None),
        ("resources", json!({"limits": {"memory": "1Gi"}}), None),
        ("storage", json!({"persistent": {"size": "1024Mi"}}), None),
        (
            "storage",
            json!({"persistent": {"size": "1Gi", "deleteClaim": true}}),
            None,
        ),
        (
            "storage",
            json!({"persistent": {"size": "2Gi"}}),
            Some(ImmutableChange::VolumeClaims),
        ),
        (
            "storage",
            json!({"persistent": {"size": "1Gi", "class": "fast"}}),
            Some(ImmutableChange::VolumeClaims),
        ),
        (
            "storage",
            json!({"ephemeral": {}}),
            Some(ImmutableChange::VolumeClaims),
        ),
    ];
    let render_set = |raw: &Value| {
        let rendered = render(&cluster(raw), &observed(PORTS));
        rendered.stateful_sets[0].clone()
    };
    let mut current = render_set(&base());
    // As the API server gives it back.
    let spec = current.spec.as_mut().unwrap();
    let claim = &mut spec.volume_claim_templates.as_mut().unwrap()[0];
    claim.spec.as_mut().unwrap().volume_mode = Some("Filesystem".to_owned());
    for (field, value, expected) in cases {
        let mut changed = base();
        changed["spec"]["nodePools"][0][field] = value.clone();
        let found = immutable_change(&current, &render_set(&changed));
        assert_eq!(found, expected, "{field}: {value}");
    }
}
