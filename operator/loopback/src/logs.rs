//! The output of containers. Where it is found is told by whoever runs them.

mod question;
mod reading;
mod start;

use std::path::PathBuf;

use tokio::sync::watch;

pub(crate) use question::{Question, container};
pub(crate) use reading::lines;

/// One run of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerRun {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    /// The run before the one that is or was last.
    pub previous: bool,
}

/// What a run has written so far, lines of text in one file.
#[derive(Clone, Debug)]
pub struct Output {
    pub path: PathBuf,
    /// True once nothing more will be written; a sender that is gone means the same.
    pub ended: watch::Receiver<bool>,
}

/// Finds the output of containers.
pub trait PodLogs: Send + Sync + 'static {
    /// `None` when there was no such run.
    fn output(&self, run: &ContainerRun) -> Option<Output>;
}
