//! What a pod's spec becomes, and what it waits for.

use serde_json::json;

use super::*;

fn pod(container: Value, volumes: Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "web-0", "namespace": "n", "uid": "u", "labels": {"zone/a": "z1"}},
        "spec": {"nodeName": "here", "containers": [container], "volumes": volumes},
    }))
    .expect("a pod")
}

fn find(kind: &str, _: &str, name: &str) -> Option<Value> {
    match (kind, name) {
        ("ConfigMap", "config") => Some(json!({"data": {"web-0.properties": "a=b", "other": "c"}})),
        ("Secret", "keys") => Some(json!({"data": {"password": "c2VjcmV0"}})),
        ("PersistentVolumeClaim", "data-web-0") => Some(json!({"status": {"phase": "Bound"}})),
        ("PersistentVolumeClaim", "unbound") => Some(json!({})),
        _ => None,
    }
}

fn resolved(container: Value, volumes: Value) -> Result<Container, String> {
    let pod = pod(container, volumes);
    let facts = Facts {
        address: "127.0.0.2",
        host: "127.0.0.1",
        find: &find,
    };
    let raw = &pod.spec.as_ref().expect("a spec").containers[0];
    let resolved = resolve(&pod, raw, &facts);
    resolved.map_err(|missing| missing.why().to_owned())
}

#[test]
fn everything_that_a_container_refers_to_is_filled_in() {
    let field = |path: &str| json!({"fieldRef": {"fieldPath": path}});
    let container = json!({
        "name": "a",
        "args": ["--config", "/etc/$(NAME).properties"],
        "env": [
            {"name": "NAME", "valueFrom": field("metadata.name")},
            {"name": "IP", "valueFrom": field("status.podIP")},
            {"name": "HOST", "valueFrom": field("status.hostIP")},
            {"name": "ZONE", "valueFrom": field("metadata.labels['zone/a']")},
            {"name": "NODE", "valueFrom": field("spec.nodeName")},
            {"name": "AT", "value": "$(IP):1"},
            {"name": "WORD", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
            {"name": "LEFT", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "k", "optional": true}}},
        ],
        "ports": [{"name": "metrics", "containerPort": 9404}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "metrics"}, "periodSeconds": 2},
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "config", "mountPath": "/etc"},
            {"name": "facts", "mountPath": "/facts"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    });
    let volumes = json!([
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}},
        {"name": "config", "configMap": {"name": "config", "items": [{"key": "web-0.properties", "path": "p"}]}},
        {"name": "facts", "downwardAPI": {"items": [{"path": "zone", "fieldRef": {"fieldPath": "metadata.labels['zone/a']"}}]}},
        {"name": "tmp", "emptyDir": {}},
    ]);
    let container = resolved(container, volumes).expect("nothing is missing");
    let env: Vec<String> = container
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let expected = [
        "NAME=web-0",
        "IP=127.0.0.2",
        "HOST=127.0.0.1",
        "ZONE=z1",
        "NODE=here",
        "AT=127.0.0.2:1",
        "WORD=secret",
    ];
    assert_eq!(env, expected);
    assert_eq!(container.args, ["--config", "/etc/web-0.properties"]);
    let files = |name: &str, text: &str| {
        Source::Files(BTreeMap::from([(
            name.to_owned(),
            text.as_bytes().to_vec(),
        )]))
    };
    let sources: Vec<&Source> = container.mounts.iter().map(|mount| &mount.source).collect();
    let expected = [
        &Source::Claim("data-web-0".to_owned()),
        &files("p", "a=b"),
        &files("zone", "z1"),
        &Source::Empty,
    ];
    assert_eq!(sources, expected);
    let probe = container.readiness.expect("a probe");
    assert_eq!(
        (probe.port, probe.path.as_str(), probe.failures),
        (9404, "/readyz", 3)
    );
    assert_eq!(container.liveness, None);
}

#[test]
fn what_is_missing_is_named() {
    let with_env = |source: Value| {
        (
            json!({"name": "a", "env": [{"name": "E", "valueFrom": source}]}),
            json!([]),
        )
    };
    let with_volume = |mut volume: Value| {
        volume["name"] = "v".into();
        (
            json!({"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}),
            json!([volume]),
        )
    };
    let cases = [
        (
            with_env(json!({"secretKeyRef": {"name": "keys", "key": "none"}})),
            "variable E waits for none of Secret keys",
        ),
        (
            with_env(json!({"fieldRef": {"fieldPath": "status.phase"}})),
            "the field status.phase is not known on one machine",
        ),
        (
            with_volume(json!({"persistentVolumeClaim": {"claimName": "unbound"}})),
            "claim unbound is not bound yet",
        ),
        (
            with_volume(json!({"configMap": {"name": "none"}})),
            "there is no ConfigMap none",
        ),
        (
            with_volume(json!({"hostPath": {"path": "/"}})),
            "the kind of volume v is not served on one machine",
        ),
    ];
    for ((container, volumes), expected) in cases {
        assert_eq!(resolved(container, volumes), Err(expected.to_owned()));
    }
}
