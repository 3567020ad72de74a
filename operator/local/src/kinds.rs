//! The kinds that are served, and what sets them apart: what discovery tells of them, and how their
//! objects behave.

use std::sync::LazyLock;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use millrace_crds::{KafkaCluster, KafkaTopic};

/// One kind of object.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// Spec and status are written apart.
    pub has_status: bool,
    pub scale: Option<Scale>,
    /// Its spec is counted in `metadata.generation`.
    pub(crate) counts_generations: bool,
    /// Deleting it asks whoever runs it to stop first.
    pub(crate) stops_first: bool,
    /// Its objects are those of another kind, seen otherwise.
    pub(crate) stored_as: Option<&'static str>,
    /// Fields besides name and namespace that a field selector may name.
    pub(crate) selectable: &'static [&'static str],
}

/// Where the `scale` subresource reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// JSON pointers.
    pub spec_replicas: &'static str,
    pub status_replicas: &'static str,
    /// A label selector as an object; `None` where the scale has none.
    pub selector: Option<&'static str>,
}

/// What can be done with objects of every kind.
const VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

impl Kind {
    const fn new(
        group: &'static str,
        kind: &'static str,
        plural: &'static str,
        singular: &'static str,
        short_names: &'static [&'static str],
    ) -> Self {
        Self {
            group,
            version: "v1",
            kind,
            plural,
            singular,
            short_names,
            categories: &[],
            namespaced: true,
            has_status: false,
            scale: None,
            counts_generations: false,
            stops_first: false,
            stored_as: None,
            selectable: &[],
        }
    }

    const fn everywhere(self) -> Self {
        Self {
            namespaced: false,
            ..self
        }
    }

    const fn with_status(self) -> Self {
        Self {
            has_status: true,
            ..self
        }
    }

    const fn counted(self) -> Self {
        Self {
            counts_generations: true,
            ..self
        }
    }

    const fn in_categories(self, categories: &'static [&'static str]) -> Self {
        Self { categories, ..self }
    }

    const fn selected_by(self, selectable: &'static [&'static str]) -> Self {
        Self { selectable, ..self }
    }

    const fn scaled(self, scale: Scale) -> Self {
        Self {
            scale: Some(scale),
            ..self
        }
    }

    /// One of the project's own.
    const fn custom(self) -> Self {
        Self {
            version: "v1alpha1",
            ..self.with_status().counted().in_categories(&["millrace"])
        }
    }

    /// What can be done with its objects, as discovery tells it.
    #[must_use]
    pub const fn verbs(&self) -> &'static [&'static str] {
        VERBS
    }

    /// `group/version`, or the version alone in the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The plural with its group, as messages name it.
    pub(crate) fn resource(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Whether a definition of the project makes it.
    pub(crate) fn is_custom(&self) -> bool {
        self.group == millrace_crds::GROUP
    }

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
}

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

/// The definitions of the project's own kinds: their schemas and what is printed of them.
#[must_use]
pub fn definitions() -> &'static [CustomResourceDefinition] {
    static DEFINITIONS: LazyLock<Vec<CustomResourceDefinition>> =
        LazyLock::new(|| vec![KafkaCluster::crd(), KafkaTopic::crd()]);
    &DEFINITIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_projects_own_kinds_is_what_they_define() {
        for definition in definitions() {
            let (spec, version) = (&definition.spec, &definition.spec.versions[0]);
            let kind = Kind::of_path(&spec.group, &version.name, &spec.names.plural)
                .expect("every definition is served");
            assert_eq!(kind.kind, spec.names.kind);
            assert_eq!(Some(kind.singular), spec.names.singular.as_deref());
            let listed = |names: &Option<Vec<String>>| names.clone().unwrap_or_default();
            assert_eq!(kind.short_names, listed(&spec.names.short_names));
            assert_eq!(kind.categories, listed(&spec.names.categories));
            assert_eq!(kind.namespaced, spec.scope == "Namespaced");
            let parts = version.subresources.as_ref();
            let parts = parts.expect("both have a status");
            assert_eq!(kind.has_status, parts.status.is_some());
            let pointers = parts.scale.as_ref().map(|scale| {
                let pointer = |path: &str| path.replace('.', "/");
                (
                    pointer(&scale.spec_replicas_path),
                    pointer(&scale.status_replicas_path),
                )
            });
            let told = kind.scale.map(|scale| {
                (
                    scale.spec_replicas.to_owned(),
                    scale.status_replicas.to_owned(),
                )
            });
            assert_eq!(told, pointers);
        }
    }
}
