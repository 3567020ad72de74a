//! What whoever runs containers tells of their output.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::sync::watch;

/// One run of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerRun {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    /// The run before the one that is or was last.
    pub previous: bool,
}

/// What a run has written so far: lines as a kubelet keeps them, `TIME STREAM TAG TEXT`, in files that
/// follow each other.
pub trait Output: Send + Sync + 'static {
    /// By the order in which they were written. None is written to once there is another one after it; the
    /// first ones may go.
    fn files(&self) -> BTreeMap<u64, PathBuf>;

    /// True once nothing more will be written; a sender that is gone means the same.
    fn ended(&self) -> watch::Receiver<bool>;
}

/// Finds the output of containers.
pub trait PodLogs: Send + Sync + 'static {
    /// `None` when there was no such run.
    fn output(&self, run: &ContainerRun) -> Option<Box<dyn Output>>;
}
