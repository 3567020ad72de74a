//! What sets one kind apart from another.

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
    pub(crate) const fn new(
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

    pub(crate) const fn everywhere(self) -> Self {
        Self {
            namespaced: false,
            ..self
        }
    }

    pub(crate) const fn with_status(self) -> Self {
        Self {
            has_status: true,
            ..self
        }
    }

    pub(crate) const fn counted(self) -> Self {
        Self {
            counts_generations: true,
            ..self
        }
    }

    pub(crate) const fn in_categories(self, categories: &'static [&'static str]) -> Self {
        Self { categories, ..self }
    }

    pub(crate) const fn selected_by(self, selectable: &'static [&'static str]) -> Self {
        Self { selectable, ..self }
    }

    pub(crate) const fn scaled(self, scale: Scale) -> Self {
        Self {
            scale: Some(scale),
            ..self
        }
    }

    /// One of the project's own.
    pub(crate) const fn custom(self) -> Self {
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
}
