//! One pod as its kubelet sees it: containers wait, run, end, wait a while longer each time, and run
//! again. Pure: reports and `now` in, commands and a status out.

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::container::{Facts, resolve};
use crate::json::{is_going, items, place, text, uid};
use crate::runner::{Container, ContainerId, Ended, Report};

/// Waits between restarts: none before the first, then these, doubling.
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
const BACK_OFF_LAST: Duration = Duration::from_secs(60);
/// Who ran so long begins anew with that.
const RAN_WELL: Duration = Duration::from_secs(600);
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

struct Held {
    id: ContainerId,
    image: Value,
    state: State,
    ready: bool,
    restarts: u64,
    /// How often it ended, since it last ran well.
    failures: u32,
    since: Timestamp,
    last: Option<Last>,
}

enum State {
    /// It has not been started; why not.
    Waiting(String),
    Starting,
    Running(Instant),
    BackOff(Instant, Duration),
    Stopping,
    Over,
}

struct Last {
    ended: Ended,
    from: Timestamp,
    to: Timestamp,
}

impl PodWork {
    /// A pod that nobody works on yet. It may have run before, when somebody else did.
    pub(crate) fn of(pod: &Value, address: Ipv4Addr, now: Timestamp) -> Self {
        let (namespace, name) = place(pod);
        let held = |container: &Value| {
            let container_name = text(&container["name"]);
            let statuses = items(&pod["status"]["containerStatuses"]);
            let before = statuses
                .into_iter()
                .find(|status| status["name"] == container_name);
            let ran = before.is_some_and(|before| before["started"] == true);
            let restarts = before.and_then(|before| before["restartCount"].as_u64());
            Held {
                id: ContainerId {
                    namespace: namespace.to_owned(),
                    pod: name.to_owned(),
                    uid: uid(pod).to_owned(),
                    container: container_name.to_owned(),
                },
                image: container["image"].clone(),
                state: State::Waiting(String::new()),
                ready: false,
                restarts: restarts.unwrap_or_default() + u64::from(ran),
                failures: 0,
                since: now,
                last: None,
            }
        };
        let claims = items(&pod["spec"]["volumes"])
            .filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
        Self {
            address,
            claims: claims.map(str::to_owned).collect(),
            began: now,
            containers: items(&pod["spec"]["containers"]).map(held).collect(),
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
        let mut commands = Vec::new();
        for held in &mut self.containers {
            if stopping || is_going(pod) {
                commands.extend(held.stop(grace(pod)));
                continue;
            }
            if let State::BackOff(until, _) = held.state
                && until <= now
            {
                held.state = State::Waiting(String::new());
            }
            if !matches!(held.state, State::Waiting(_)) {
                continue;
            }
            match resolved(pod, &held.id.container, facts) {
                Ok(container) => {
                    held.state = State::Starting;
                    commands.push(Command::Start(Box::new(container)));
                }
                Err(why) => held.state = State::Waiting(why),
            }
        }
        commands
    }

    /// Takes in what became of a container.
    pub(crate) fn report(
        &mut self,
        of: &ContainerId,
        report: Report,
        now: Instant,
        stamp: Timestamp,
    ) {
        let Some(held) = self.containers.iter_mut().find(|held| held.id == *of) else {
            return;
        };
        match report {
            Report::Running => {
                held.since = stamp;
                if matches!(held.state, State::Starting) {
                    held.state = State::Running(now);
                }
            }
            Report::Ready(ready) => held.ready = ready,
            Report::Ended(ended) => held.end(ended, now, stamp),
        }
    }

    /// When time alone changes something.
    pub(crate) fn due(&self) -> Option<Instant> {
        let waits = self.containers.iter().filter_map(|held| match held.state {
            State::BackOff(until, _) => Some(until),
            _ => None,
        });
        waits.min()
    }

    /// Whether nothing runs any more, nor will.
    pub(crate) fn is_over(&self) -> bool {
        self.containers
            .iter()
            .all(|held| matches!(held.state, State::Over))
    }

    /// The pod's status.
    pub(crate) fn status(&self, pod: &Value, host: &str, now: Timestamp) -> Value {
        let ready = self.containers.iter().all(|held| held.ready) && !is_going(pod);
        let ran = self
            .containers
            .iter()
            .all(|held| held.last.is_some() || held.runs());
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

/// The container of that name, or what it waits for.
fn resolved(pod: &Value, name: &str, facts: &Facts<'_>) -> Result<Container, String> {
    let pod: Pod = serde_json::from_value(pod.clone()).map_err(|error| error.to_string())?;
    let mut all = pod.spec.iter().flat_map(|spec| &spec.containers);
    let raw = all.find(|raw| raw.name == name);
    resolve(&pod, raw.ok_or("it is not in the pod")?, facts)
}

impl Held {
    fn runs(&self) -> bool {
        matches!(self.state, State::Running(_) | State::Stopping)
    }

    fn stop(&mut self, grace: Duration) -> Option<Command> {
        match self.state {
            State::Stopping | State::Over => None,
            State::Waiting(_) | State::BackOff(..) => {
                self.state = State::Over;
                None
            }
            State::Starting | State::Running(_) => {
                self.state = State::Stopping;
                Some(Command::Stop(self.id.clone(), grace))
            }
        }
    }

    fn end(&mut self, ended: Ended, now: Instant, stamp: Timestamp) {
        self.ready = false;
        let ran_for = match self.state {
            State::Running(since) => now.duration_since(since),
            _ => Duration::ZERO,
        };
        self.state = match self.state {
            State::Stopping | State::Over => State::Over,
            _ => {
                self.failures = if ran_for >= RAN_WELL {
                    1
                } else {
                    self.failures + 1
                };
                self.restarts += 1;
                let wait = back_off(self.failures);
                State::BackOff(now + wait, wait)
            }
        };
        let from = self.since;
        let to = stamp;
        self.last = Some(Last { ended, from, to });
    }

    fn status(&self) -> Value {
        let waiting = |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});
        let last = self.last.as_ref().map(terminated);
        let state = match &self.state {
            State::Running(_) | State::Stopping => {
                json!({"running": {"startedAt": seconds(self.since)}})
            }
            State::Waiting(why) => waiting("ContainerCreating", why),
            State::Starting => waiting("ContainerCreating", ""),
            State::BackOff(_, wait) if self.failures > 1 => {
                let message = format!("back-off {}s restarting failed container", wait.as_secs());
                waiting("CrashLoopBackOff", &message)
            }
            State::BackOff(..) | State::Over => last
                .clone()
                .unwrap_or_else(|| waiting("ContainerCreating", "")),
        };
        let mut status = json!({
            "name": self.id.container, "image": self.image, "imageID": self.image,
            "ready": self.ready, "started": self.runs(), "restartCount": self.restarts,
            "state": state,
        });
        if let Some(last) = last {
            status["lastState"] = last;
        }
        status
    }
}

fn terminated(last: &Last) -> Value {
    json!({"terminated": {
        "exitCode": last.ended.exit_code, "reason": last.ended.reason, "message": last.ended.message,
        "startedAt": seconds(last.from), "finishedAt": seconds(last.to),
    }})
}

fn back_off(failures: u32) -> Duration {
    match failures {
        0 | 1 => Duration::ZERO,
        more => BACK_OFF_FIRST
            .saturating_mul(1 << (more - 2).min(16))
            .min(BACK_OFF_LAST),
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

fn seconds(time: Timestamp) -> Value {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

#[cfg(test)]
#[path = "pod_tests.rs"]
mod tests;
