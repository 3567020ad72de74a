//! The kinds that are served, and what sets them apart: what discovery tells of them, and how their
//! objects behave.

mod kind;
mod table;

use std::sync::LazyLock;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use millrace_crds::{KafkaCluster, KafkaTopic};

pub use kind::{Kind, Scale};
pub use table::kinds;

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
