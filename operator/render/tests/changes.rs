//! What a changed cluster means for what runs already: who must restart and why, and which
//! StatefulSet has to be made anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;

use millrace_crds::KafkaCluster;
use millrace_model::{Cluster, Defaults, Platform, RestartCause};
use millrace_render::{
    ImmutableChange, Observed, Rendered, immutable_change, keep_storage, render,
};
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
        platform: Platform::Kubernetes {
            dns_domain: "cluster.local".to_owned(),
        },
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

/// A field, its new value, and why a restart follows.
const CHANGES: &[(&str, &str, &str)] = &[
    ("/spec/paused", "true", ""),
    ("/spec/version", r#""2""#, "Image"),
    ("/spec/version", r#""1""#, ""),
    ("/spec/config/num.io.threads", "9", "num.io.threads"),
    ("/spec/config/num.io.threads", r#""8""#, ""),
    ("/spec/config/message.max.bytes", "2", ""),
    (
        "/spec/config",
        r#"{"message.max.bytes": 1000}"#,
        "num.io.threads",
    ),
    (
        "/spec/metrics",
        r#"{"port": 9999}"#,
        "millrace.metrics.listener",
    ),
    ("/spec/listeners/0/port", "9095", "Addresses"),
    (
        "/spec/listeners/0/networkPolicyPeers",
        r#"[{"podSelector": {}}]"#,
        "",
    ),
    (
        "/spec/rack",
        r#"{"topologyKey": "zone"}"#,
        "Scheduling broker.rack",
    ),
    ("/spec/rolling", r#"{"unavailablePartitions": "Allow"}"#, ""),
    ("/spec/nodePools/0/replicas", "4", ""),
    ("/spec/nodePools/0/storage/persistent/size", r#""2Gi""#, ""),
    (
        "/spec/nodePools/0/storage/persistent/deleteClaim",
        "true",
        "",
    ),
    (
        "/spec/nodePools/0/storage",
        r#"{"ephemeral": {}}"#,
        "Storage",
    ),
    (
        "/spec/nodePools/0/resources",
        r#"{"limits": {"memory": "1Gi"}}"#,
        "Resources",
    ),
    (
        "/spec/nodePools/0/template/env",
        r#"[{"name": "A", "value": "b"}]"#,
        "Environment",
    ),
    (
        "/spec/nodePools/0/template/securityContext",
        r#"{"runAsUser": 7}"#,
        "Security",
    ),
    (
        "/spec/nodePools/0/template/nodeSelector",
        r#"{"a": "b"}"#,
        "Scheduling",
    ),
    (
        "/spec/nodePools/0/template/labels",
        r#"{"a": "b"}"#,
        "Metadata",
    ),
];

#[test]
fn each_change_restarts_for_its_own_reason_or_not_at_all() {
    for (pointer, value, expected) in CHANGES {
        let causes = causes_of(pointer, serde_json::from_str(value).unwrap());
        let names = causes.into_iter().map(|cause| match cause {
            RestartCause::Property(key) => key,
            other => format!("{other:?}"),
        });
        let names: Vec<String> = names.collect();
        assert_eq!(names.join(" "), *expected, "{pointer} {value}");
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

/// What of the edit is told, and what is rendered in its place.
fn kept(current: &Value, edited: &Value) -> (Vec<String>, Option<ImmutableChange>) {
    let storage = |storage: &Value| {
        let mut raw = base();
        raw["spec"]["nodePools"][0]["storage"] = storage.clone();
        cluster(&raw)
    };
    let current = render(&storage(current), &observed(PORTS)).stateful_sets;
    let mut wanted = storage(edited);
    let problems = keep_storage(&mut wanted, &current);
    let wanted = render(&wanted, &observed(PORTS)).stateful_sets;
    let fields = problems.into_iter().map(|problem| problem.field);
    (fields.collect(), immutable_change(&current[0], &wanted[0]))
}

#[test]
fn an_edit_that_storage_cannot_follow_is_told_and_left_out() {
    let volume = |size: &str, class: &str| json!({"persistent": {"size": size, "class": class}});
    let (one, grown) = (volume("1Gi", "a"), Some(ImmutableChange::VolumeClaims));
    let at = "spec.nodePools[0].storage";
    let class = format!("{at}.persistent.class");
    let size = format!("{at}.persistent.size");
    let cases = [
        (&one, volume("1024Mi", "a"), vec![], None),
        (&one, volume("2Gi", "a"), vec![], grown),
        (&one, volume("512Mi", "a"), vec![size.clone()], None),
        (&one, volume("2Gi", "b"), vec![class.clone()], grown),
        (&one, volume("1", "b"), vec![class, size], None),
        (&one, json!({"ephemeral": {}}), vec![at.to_owned()], None),
        (
            &json!({"ephemeral": {}}),
            one.clone(),
            vec![at.to_owned()],
            None,
        ),
        (
            &json!({"ephemeral": {}}),
            json!({"ephemeral": {"sizeLimit": "1Gi"}}),
            vec![],
            None,
        ),
    ];
    for (current, edited, problems, change) in cases {
        assert_eq!(
            kept(current, &edited),
            (problems, change),
            "{current} {edited}"
        );
    }
}
