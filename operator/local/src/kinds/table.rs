//! The kinds that are served, one row each.

use crate::kinds::kind::{Kind, Scale};

const EVENT_FIELDS: &[&str] = &[
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

const POD_FIELDS: &[&str] = &[
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
];

const KINDS: &[Kind] = &[
    Kind::new(
        "millrace.dev",
        "KafkaCluster",
        "kafkaclusters",
        "kafkacluster",
        &["kcl"],
    )
    .custom(),
    Kind::new(
        "millrace.dev",
        "KafkaTopic",
        "kafkatopics",
        "kafkatopic",
        &["kt"],
    )
    .custom()
    .scaled(Scale {
        spec_replicas: "/spec/partitions",
        status_replicas: "/status/partitions",
        selector: None,
    }),
    Kind::new(
        "apps",
        "StatefulSet",
        "statefulsets",
        "statefulset",
        &["sts"],
    )
    .with_status()
    .counted()
    .in_categories(&["all"])
    .scaled(Scale {
        spec_replicas: "/spec/replicas",
        status_replicas: "/status/replicas",
        selector: Some("/spec/selector"),
    }),
    Kind {
        stops_first: true,
        ..Kind::new("", "Pod", "pods", "pod", &["po"])
            .with_status()
            .counted()
            .in_categories(&["all"])
            .selected_by(POD_FIELDS)
    },
    Kind::new(
        "",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        &["pvc"],
    )
    .with_status(),
    Kind::new("", "Service", "services", "service", &["svc"])
        .with_status()
        .in_categories(&["all"])
        .selected_by(&["spec.clusterIP", "spec.type"]),
    Kind::new("", "ConfigMap", "configmaps", "configmap", &["cm"]),
    Kind::new("", "Secret", "secrets", "secret", &[]).selected_by(&["type"]),
    Kind::new(
        "",
        "ServiceAccount",
        "serviceaccounts",
        "serviceaccount",
        &["sa"],
    ),
    Kind::new(
        "policy",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "poddisruptionbudget",
        &["pdb"],
    )
    .with_status()
    .counted(),
    Kind::new(
        "networking.k8s.io",
        "NetworkPolicy",
        "networkpolicies",
        "networkpolicy",
        &["netpol"],
    )
    .counted(),
    Kind::new("coordination.k8s.io", "Lease", "leases", "lease", &[]),
    Kind::new("events.k8s.io", "Event", "events", "event", &["ev"]).selected_by(EVENT_FIELDS),
    Kind {
        stored_as: Some("events.k8s.io"),
        ..Kind::new("", "Event", "events", "event", &["ev"]).selected_by(EVENT_FIELDS)
    },
    Kind::new("", "Node", "nodes", "node", &["no"])
        .everywhere()
        .with_status()
        .selected_by(&["spec.unschedulable"]),
    Kind::new("", "Namespace", "namespaces", "namespace", &["ns"])
        .everywhere()
        .with_status()
        .selected_by(&["status.phase"]),
    Kind::new(
        "",
        "PersistentVolume",
        "persistentvolumes",
        "persistentvolume",
        &["pv"],
    )
    .everywhere()
    .with_status(),
    Kind::new(
        "storage.k8s.io",
        "StorageClass",
        "storageclasses",
        "storageclass",
        &["sc"],
    )
    .everywhere(),
];

/// Every kind that is served.
#[must_use]
pub const fn kinds() -> &'static [Kind] {
    KINDS
}

impl Kind {
    /// The kind that a path names.
    pub(crate) fn of_path(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| (kind.group, kind.version, kind.plural) == (group, version, plural))
    }

    /// The kind of that name; of two views of the same objects the one that is stored.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| kind.kind == name && kind.stored_as.is_none())
    }
    /// The kind that holds all objects but those that are everywhere.
    pub(crate) fn of_namespaces() -> &'static Self {
        Self::named("Namespace").expect("namespaces are served")
    }
}
