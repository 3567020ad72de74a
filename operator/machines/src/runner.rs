//! What a kubelet needs of whoever really runs containers, and what it hears back.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::sync::mpsc;

/// One container of one pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId {
    pub namespace: String,
    pub pod: String,
    /// Of the pod: another one of the same name is another pod.
    pub uid: String,
    pub container: String,
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.namespace, self.pod, self.container)
    }
}

/// A container as it is to run: everything that the API knows is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    pub id: ContainerId,
    /// The pod's own address.
    pub address: String,
    /// In place of what the image runs, where that is said.
    pub command: Vec<String>,
    pub args: Vec<String>,
    /// Later ones hold over earlier ones of the same name.
    pub env: Vec<(String, String)>,
    pub mounts: Vec<Mount>,
    /// Ports that it will listen on.
    pub ports: Vec<u16>,
    /// It is started anew when this fails.
    pub liveness: Option<HttpProbe>,
    /// It is ready when this answers; without it as soon as it runs.
    pub readiness: Option<HttpProbe>,
}

/// Where a container finds a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub volume: String,
    pub path: String,
    pub source: Source,
}

/// What a volume holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// What the claim of that name keeps.
    Claim(String),
    /// Nothing at first; it goes with the pod.
    Empty,
    /// These files, by their path in the volume.
    Files(BTreeMap<String, Vec<u8>>),
}

/// Asks by HTTP how a container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpProbe {
    pub port: u16,
    pub path: String,
    pub period: Duration,
    pub timeout: Duration,
    /// So many failures in a row count.
    pub failures: u32,
}

/// What became of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    Running,
    Ready(bool),
    /// A probe failed so often that it counts, and how the last time.
    Unhealthy(Probed, String),
    /// It is no more. The last report.
    Ended(Ended),
}

/// What a probe asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probed {
    /// A container that fails it is not ready.
    Readiness,
    /// A container that fails it is ended.
    Liveness,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub exit_code: i32,
    /// One word in CamelCase.
    pub reason: &'static str,
    /// What it said last.
    pub message: String,
}

impl Ended {
    /// Reasons of what could not even be started.
    pub(crate) const CANNOT_RUN: &str = "ContainerCannotRun";
    pub(crate) const ADDRESS_TAKEN: &str = "AddressTaken";

    pub(crate) fn never_ran(&self) -> bool {
        [Self::CANNOT_RUN, Self::ADDRESS_TAKEN].contains(&self.reason)
    }
}

/// Where reports go.
pub type Reports = mpsc::Sender<(ContainerId, Report)>;

/// Runs containers. None of its methods wait.
pub trait Runner: Send + 'static {
    /// Begins to run a container; what becomes of it is reported.
    fn start(&mut self, container: Container, reports: Reports);

    /// Asks a container to end, and ends it when it has not after `grace`.
    fn stop(&mut self, container: &ContainerId, grace: Duration);

    /// A pod is gone, and with it what only it had. What of it still runs is ended at once.
    fn forget(&mut self, namespace: &str, pod: &str, uid: &str);

    /// A claim is gone, nobody uses its volume, and nobody will again.
    fn release(&mut self, namespace: &str, claim: &str);
}
