//! What the API server sets in built-in kinds when it is left out. Their schemas do not say it. Pure.

use serde_json::{Value, json};

use crate::json::text;

/// A path in an object and the value that stands there by default. `[]` goes into every item of a
/// list; what is on the way is not made.
type Default = (&'static str, fn() -> Value);

const SERVICE: &[Default] = &[
    ("spec.sessionAffinity", || "None".into()),
    ("spec.type", || "ClusterIP".into()),
    ("spec.internalTrafficPolicy", || "Cluster".into()),
];

const STATEFUL_SET: &[Default] = &[
    ("spec.podManagementPolicy", || "OrderedReady".into()),
    ("spec.replicas", || 1.into()),
    ("spec.revisionHistoryLimit", || 10.into()),
    ("spec.updateStrategy", || json!({})),
    ("spec.updateStrategy.type", || "RollingUpdate".into()),
    ("spec.persistentVolumeClaimRetentionPolicy", || json!({})),
    (
        "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
        || "Retain".into(),
    ),
    (
        "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
        || "Retain".into(),
    ),
    ("spec.volumeClaimTemplates.[].apiVersion", || "v1".into()),
    ("spec.volumeClaimTemplates.[].kind", || {
        "PersistentVolumeClaim".into()
    }),
    ("spec.volumeClaimTemplates.[].spec.volumeMode", || {
        "Filesystem".into()
    }),
    (
        "spec.volumeClaimTemplates.[].status",
        || json!({"phase": "Pending"}),
    ),
];

const CLAIM: &[Default] = &[("spec.volumeMode", || "Filesystem".into())];

const POD_SPEC: &[Default] = &[
    ("dnsPolicy", || "ClusterFirst".into()),
    ("restartPolicy", || "Always".into()),
    ("schedulerName", || "default-scheduler".into()),
    ("securityContext", || json!({})),
    ("terminationGracePeriodSeconds", || 30.into()),
    ("volumes.[].configMap.defaultMode", || 420.into()),
    ("volumes.[].secret.defaultMode", || 420.into()),
    ("volumes.[].projected.defaultMode", || 420.into()),
    ("volumes.[].downwardAPI.defaultMode", || 420.into()),
];

const CONTAINER: &[Default] = &[
    ("resources", || json!({})),
    ("terminationMessagePath", || "/dev/termination-log".into()),
    ("terminationMessagePolicy", || "File".into()),
    ("env.[].valueFrom.fieldRef.apiVersion", || "v1".into()),
];

const PROBE: &[Default] = &[
    ("timeoutSeconds", || 1.into()),
    ("periodSeconds", || 10.into()),
    ("successThreshold", || 1.into()),
    ("failureThreshold", || 3.into()),
    ("httpGet.path", || "/".into()),
    ("httpGet.scheme", || "HTTP".into()),
];

const STORAGE_CLASS: &[Default] = &[
    ("reclaimPolicy", || "Delete".into()),
    ("volumeBindingMode", || "Immediate".into()),
];

pub(crate) fn set(kind: &str, object: &mut Value) {
    match kind {
        "Service" => set_service(object),
        "StatefulSet" => {
            set_all(object, STATEFUL_SET);
            if let Some(strategy) = object.pointer_mut("/spec/updateStrategy") {
                set_update(strategy);
            }
            if let Some(spec) = object.pointer_mut("/spec/template/spec") {
                set_pod_spec(spec);
            }
        }
        "Pod" => {
            if let Some(spec) = object.get_mut("spec") {
                set_all(spec, &[("enableServiceLinks", || true.into())]);
                set_pod_spec(spec);
            }
        }
        "PersistentVolumeClaim" => set_all(object, CLAIM),
        "Secret" => set_all(object, &[("type", || "Opaque".into())]),
        "NetworkPolicy" => set_policy(object),
        "StorageClass" => set_all(object, STORAGE_CLASS),
        _ => {}
    }
}

fn set_service(service: &mut Value) {
    if service["spec"]["type"] == "ExternalName" {
        return set_all(service, &[("spec.sessionAffinity", || "None".into())]);
    }
    set_all(service, SERVICE);
    let Some(spec) = service.get_mut("spec") else {
        return;
    };
    for port in items(spec, "ports") {
        if port.get("targetPort").is_none() {
            port["targetPort"] = port["port"].clone();
        }
    }
    if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
        set_all(spec, &[("externalTrafficPolicy", || "Cluster".into())]);
    }
    if spec["type"] == "LoadBalancer" {
        set_all(spec, &[("allocateLoadBalancerNodePorts", || true.into())]);
    }
}

fn set_update(strategy: &mut Value) {
    if strategy["type"] == "RollingUpdate" {
        set_all(
            strategy,
            &[
                ("rollingUpdate", || json!({})),
                ("rollingUpdate.partition", || 0.into()),
            ],
        );
    }
}

fn set_pod_spec(spec: &mut Value) {
    set_all(spec, POD_SPEC);
    // An older name of the same.
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        spec["serviceAccount"] = account;
    }
    for list in ["containers", "initContainers"] {
        items(spec, list).for_each(set_container);
    }
}

fn set_container(container: &mut Value) {
    set_all(container, CONTAINER);
    if container.get("imagePullPolicy").is_none() {
        let image = text(&container["image"]);
        let name = image.rsplit('/').next().unwrap_or_default();
        let newest = name.ends_with(":latest") || !name.contains([':', '@']);
        container["imagePullPolicy"] = if newest { "Always" } else { "IfNotPresent" }.into();
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            set_all(probe, PROBE);
        }
    }
}

fn set_policy(policy: &mut Value) {
    let Some(spec) = policy.get_mut("spec") else {
        return;
    };
    if spec.get("policyTypes").is_none() {
        let egress = spec.get("egress").is_some();
        spec["policyTypes"] = if egress {
            json!(["Ingress", "Egress"])
        } else {
            json!(["Ingress"])
        };
    }
    for rules in ["ingress", "egress"] {
        let path = format!("{rules}.[].ports.[].protocol");
        put(spec, &path, || "TCP".into());
    }
}

fn items<'a>(object: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    let items = object.get_mut(list).and_then(Value::as_array_mut);
    items.into_iter().flatten()
}

fn set_all(object: &mut Value, defaults: &[Default]) {
    for (path, value) in defaults {
        put(object, path, *value);
    }
}

fn put(value: &mut Value, path: &str, default: fn() -> Value) {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    match (value, rest) {
        (Value::Array(items), Some(rest)) if name == "[]" => {
            for item in items {
                put(item, rest, default);
            }
        }
        (Value::Object(fields), Some(rest)) => {
            if let Some(inner) = fields.get_mut(name) {
                put(inner, rest, default);
            }
        }
        (Value::Object(fields), None) => {
            fields.entry(name.to_owned()).or_insert_with(default);
        }
        _ => {}
    }
}
