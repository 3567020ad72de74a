//! One pod as its kubelet sees it: containers wait, run, end, wait a while longer each time, and run
//! again. Pure: reports and `now` in, commands and a status out.

mod held;

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::container::Facts;
use crate::events::Note;
use crate::json::{is_going, items, seconds};
use crate::runner::{Container, ContainerId, Report};
use held::Held;

/// For a pod that does not say.
const GRACE_SECONDS: u64 = 30;

/// What is to be done for a pod.
pub(crate) enum Command {
    Start(Box<Container>),
    Stop(ContainerId, Duration),
}

/// A pod that is worked on.
pub(crate) struct PodWork {
    pub(crate) address: Ipv4Addr,
    /// Claims whose volumes it uses.
    pub(crate) claims: Vec<String>,
    began: Timestamp,
    containers: Vec<Held>,
}

impl PodWork {
    /// A pod that nobody works on yet.
    pub(crate) fn of(pod: &Value, address: Ipv4Addr, now: Timestamp) -> Self {
        let claims = items(&pod["spec"]["volumes"])
            .filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
        let containers = items(&pod["spec"]["containers"]);
        let containers = containers.map(|container| Held::of(pod, container, now));
        Self {
            address,
            claims: claims.map(str::to_owned).collect(),
            began: now,
            containers: containers.collect(),
        }
    }

    /// What has to be done now. When `stopping` nothing is started any more.
    pub(crate) fn tend(
        &mut self,
        pod: &Value,
        stopping: bool,
        facts: &Facts<'_>,
        now: Instant,
    ) -> Vec<Command> {
        let ends = stopping || is_going(pod);
        let containers = self.containers.iter_mut();
        let commands = containers.filter_map(|held| match ends {
            true => held
                .stop()
                .then(|| Command::Stop(held.id.clone(), grace(pod))),
            false => {
                let container = held.start(pod, facts, now)?;
                Some(Command::Start(Box::new(container)))
            }
        });
        commands.collect()
    }

    /// Takes in what became of a container.
    pub(crate) fn report(
        &mut self,
        of: &ContainerId,
        report: Report,
        now: Instant,
        stamp: Timestamp,
    ) {
        if let Some(held) = self.containers.iter_mut().find(|held| held.id == *of) {
            held.report(report, now, stamp);
        }
    }

    /// What happened since the last time.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        let containers = self.containers.iter_mut();
        containers.flat_map(Held::take_notes).collect()
    }

    /// When time alone changes something.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.containers.iter().filter_map(Held::due).min()
    }

    /// Whether nothing runs any more, nor will.
    pub(crate) fn is_over(&self) -> bool {
        self.containers.iter().all(Held::is_over)
    }

    /// The pod's status.
    pub(crate) fn status(&self, pod: &Value, host: &str, now: Timestamp) -> Value {
        let ready = self.containers.iter().all(|held| held.is_ready) && !is_going(pod);
        let ran = self.containers.iter().all(Held::ran);
        let conditions = [
            ("PodScheduled", true),
            ("Initialized", true),
            ("ContainersReady", ready),
            ("Ready", ready),
        ];
        let conditions = conditions.map(|(kind, holds)| condition(pod, kind, holds, now));
        let address = self.address.to_string();
        json!({
            "phase": if ran { "Running" } else { "Pending" },
            "conditions": conditions,
            "hostIP": host, "hostIPs": [{"ip": host}],
            "podIP": address, "podIPs": [{"ip": address}],
            "startTime": seconds(self.began),
            "qosClass": "BestEffort",
            "containerStatuses": self.containers.iter().map(Held::status).collect::<Vec<_>>(),
        })
    }
}

fn grace(pod: &Value) -> Duration {
    let said = pod["metadata"]["deletionGracePeriodSeconds"]
        .as_u64()
        .or_else(|| pod["spec"]["terminationGracePeriodSeconds"].as_u64());
    Duration::from_secs(said.unwrap_or(GRACE_SECONDS))
}

/// A condition that keeps the time of its last change.
fn condition(pod: &Value, kind: &str, holds: bool, now: Timestamp) -> Value {
    let status = if holds { "True" } else { "False" };
    let before = items(&pod["status"]["conditions"])
        .find(|one| one["type"] == kind && one["status"] == status);
    let since = before.map(|before| before["lastTransitionTime"].clone());
    let since = since.unwrap_or_else(|| seconds(now));
    json!({"type": kind, "status": status, "lastTransitionTime": since})
}

#[cfg(test)]
#[path = "pod_tests.rs"]
mod tests;
