//! What the operator was told at its start.

use millrace_model::Defaults;

/// Settings of the operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Namespaces to watch; empty for all.
    pub namespaces: Vec<String>,
    /// What holds for clusters that do not say otherwise.
    pub defaults: Defaults,
    /// This replica, as events name it.
    pub instance: String,
}

impl Settings {
    /// What to watch: each namespace, or all at once.
    pub(crate) fn scopes(&self) -> Vec<Option<String>> {
        if self.namespaces.is_empty() {
            vec![None]
        } else {
            self.namespaces.iter().cloned().map(Some).collect()
        }
    }
}
