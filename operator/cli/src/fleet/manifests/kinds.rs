//! The kinds that users write, as the API names them. Data.

/// A kind that users write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UserKind {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
}

/// In the order in which they are applied: what others refer to comes first.
pub(crate) const KINDS: &[UserKind] = &[
    kind("v1", "Namespace", "namespaces", false),
    kind("v1", "ConfigMap", "configmaps", true),
    kind("v1", "Secret", "secrets", true),
    kind(
        "millrace.dev/v1alpha1",
        "KafkaCluster",
        "kafkaclusters",
        true,
    ),
    kind("millrace.dev/v1alpha1", "KafkaTopic", "kafkatopics", true),
];

const fn kind(
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    namespaced: bool,
) -> UserKind {
    UserKind {
        api_version,
        kind,
        plural,
        namespaced,
    }
}
