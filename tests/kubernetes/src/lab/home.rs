//! Where a lab lies on the machine. There is one: its networks and names are fixed.

use std::path::{Path, PathBuf};

pub(crate) const HOME: &str = "/var/lib/millrace-lab";

pub(crate) fn path(inside: impl AsRef<Path>) -> PathBuf {
    Path::new(HOME).join(inside)
}

pub(crate) fn kubeconfig(user: &str) -> PathBuf {
    path(format!("pki/{user}.kubeconfig"))
}

/// The folder of node `index`; nothing outside of it belongs to that node alone.
pub(crate) fn node(index: usize) -> PathBuf {
    path(format!("n{index}"))
}
