//! Everything that is served, as clients are told of it: the kinds of the API, and the definitions of the
//! project's own. Pure.

use millrace_local::{Kind, kinds};

/// One kind of object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource {
    /// Empty for the core group.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) short_names: &'static [&'static str],
    pub(crate) categories: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) verbs: &'static [&'static str],
    pub(crate) has_status: bool,
    pub(crate) has_scale: bool,
}

/// The definitions of the project's own kinds. They are as this program has them: nobody changes them.
pub(crate) const DEFINITIONS: Resource = Resource {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    singular: "customresourcedefinition",
    short_names: &["crd", "crds"],
    categories: &["api-extensions"],
    namespaced: false,
    verbs: &["get", "list", "watch"],
    has_status: false,
    has_scale: false,
};

/// All of them.
pub(crate) fn resources() -> impl Iterator<Item = Resource> {
    kinds().iter().map(Resource::of).chain([DEFINITIONS])
}

impl Resource {
    const fn of(kind: &Kind) -> Self {
        Self {
            group: kind.group,
            version: kind.version,
            kind: kind.kind,
            plural: kind.plural,
            singular: kind.singular,
            short_names: kind.short_names,
            categories: kind.categories,
            namespaced: kind.namespaced,
            verbs: kind.verbs(),
            has_status: kind.has_status,
            has_scale: kind.scale.is_some(),
        }
    }

    /// `group/version`, or the version alone in the core group.
    pub(crate) fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_owned(),
            group => format!("{group}/{}", self.version),
        }
    }
}
