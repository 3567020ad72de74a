//! The kinds that are served, and what sets them apart.

/// One kind of object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
    /// Spec and status are written apart.
    pub(crate) has_status: bool,
    /// Deleting it asks whoever runs it to stop first.
    pub(crate) stops_first: bool,
}

const fn kind(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        kind,
        plural,
        namespaced: true,
        has_status: false,
        stops_first: false,
    }
}

const fn with_status(kind: Kind) -> Kind {
    Kind {
        has_status: true,
        ..kind
    }
}

const fn everywhere(kind: Kind) -> Kind {
    Kind {
        namespaced: false,
        ..kind
    }
}

const KINDS: &[Kind] = &[
    with_status(kind(
        "millrace.dev",
        "v1alpha1",
        "KafkaCluster",
        "kafkaclusters",
    )),
    with_status(kind(
        "millrace.dev",
        "v1alpha1",
        "KafkaTopic",
        "kafkatopics",
    )),
    with_status(kind("apps", "v1", "StatefulSet", "statefulsets")),
    Kind {
        stops_first: true,
        ..with_status(kind("", "v1", "Pod", "pods"))
    },
    with_status(kind(
        "",
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
    )),
    with_status(kind("", "v1", "Service", "services")),
    kind("", "v1", "ConfigMap", "configmaps"),
    kind("", "v1", "Secret", "secrets"),
    kind("", "v1", "ServiceAccount", "serviceaccounts"),
    with_status(kind(
        "policy",
        "v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
    )),
    kind(
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
    ),
    kind("coordination.k8s.io", "v1", "Lease", "leases"),
    kind("events.k8s.io", "v1", "Event", "events"),
    everywhere(with_status(kind("", "v1", "Node", "nodes"))),
    everywhere(with_status(kind("", "v1", "Namespace", "namespaces"))),
    everywhere(kind(
        "storage.k8s.io",
        "v1",
        "StorageClass",
        "storageclasses",
    )),
];

impl Kind {
    /// The kind that a path names.
    pub(crate) fn of_path(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| (kind.group, kind.version, kind.plural) == (group, version, plural))
    }

    /// The kind of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.kind == name)
    }

    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}
