//! What the process may use of the system.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit on open files to what the system allows: every partition keeps one open.
pub(crate) fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, allowed = ?before, "the limit on open files stays as it is");
    }
}
