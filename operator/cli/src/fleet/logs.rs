//! Logs of containers as the machines keep them, for whoever asks the API.

use std::collections::BTreeMap;
use std::path::PathBuf;

use millrace_loopback::{ContainerRun, Output, PodLogs};
use millrace_machines::{Logs, RunLog};
use tokio::sync::watch;

pub(crate) struct ContainerLogs(pub(crate) Logs);

struct Said(RunLog);

impl PodLogs for ContainerLogs {
    fn output(&self, run: &ContainerRun) -> Option<Box<dyn Output>> {
        let found = self
            .0
            .find(&run.namespace, &run.pod, &run.container, run.previous)?;
        Some(Box::new(Said(found)))
    }
}

impl Output for Said {
    fn files(&self) -> BTreeMap<u64, PathBuf> {
        self.0.files()
    }

    fn ended(&self) -> watch::Receiver<bool> {
        self.0.ended()
    }
}
