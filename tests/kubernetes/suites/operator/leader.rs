//! Who of the operator's replicas leads, and how it dies.

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Cluster, Processes};
use millrace_tests::deadline::wait_for;

use crate::operator::{RELEASE, SPACE, metrics_of};
use crate::stage::SOON;

/// The pod that leads: it holds the lease, and says itself that it does.
pub(crate) fn leader(cluster: &Cluster) -> Result<String> {
    let lease = cluster.kubectl().find(&["-n", SPACE, "lease", RELEASE])?;
    let holder = lease
        .as_ref()
        .and_then(|lease| lease["spec"]["holderIdentity"].as_str());
    let holder = holder
        .filter(|holder| !holder.is_empty())
        .context("nobody holds the lease")?;
    let leads = metrics_of(cluster, holder)?.sum("millrace_operator_leader", &[]);
    ensure!(leads > 0.0, "{holder} does not lead yet");
    Ok(holder.to_owned())
}

/// The leader, ready to die at once.
pub(crate) struct Victim<'a> {
    cluster: &'a Cluster,
    pod: String,
    processes: Processes,
}

impl<'a> Victim<'a> {
    pub(crate) fn find(cluster: &'a Cluster) -> Result<Self> {
        let pod = wait_for("a leader", SOON, || leader(cluster).map(Some))?;
        let processes = cluster.lab()?.processes(SPACE, &pod)?;
        Ok(Self {
            cluster,
            pod,
            processes,
        })
    }

    /// SIGKILL, no time to say goodbye, and no pod to come back to. Tells who it was.
    pub(crate) fn kill(self) -> Result<String> {
        self.processes.kill();
        let how = ["--grace-period=0", "--force", "--wait=false"];
        let what = ["-n", SPACE, "delete", "pod", &self.pod];
        self.cluster.kubectl().run(&[&what[..], &how].concat())?;
        Ok(self.pod)
    }
}

pub(crate) fn kill_leader(cluster: &Cluster) -> Result<String> {
    Victim::find(cluster)?.kill()
}

/// Waits until another than `dead` leads.
pub(crate) fn taken_over(cluster: &Cluster, dead: &str) -> Result<()> {
    wait_for("another leader", SOON, || {
        let now = leader(cluster)?;
        ensure!(now != dead, "{dead} still holds the lease");
        Ok(Some(()))
    })
}

/// The leader dies in the middle of whatever is going on, and another takes over.
pub(crate) fn replace_leader(cluster: &Cluster) -> Result<()> {
    let dead = kill_leader(cluster)?;
    taken_over(cluster, &dead)
}
