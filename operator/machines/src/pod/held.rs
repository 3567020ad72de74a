//! One container of a pod: waiting, running, ended, waiting again, and what happened to it meanwhile. Pure.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::container::{Facts, Missing, resolve};
use crate::events::Note;
use crate::json::{items, place, seconds, text, uid};
use crate::runner::{Container, ContainerId, Ended, Probed, Report};

/// Waits between restarts: none before the first, then these, doubling.
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
const BACK_OFF_LAST: Duration = Duration::from_secs(60);
/// Who ran so long begins anew with that.
pub(crate) const RAN_WELL: Duration = Duration::from_secs(600);

/// A container that is worked on.
pub(crate) struct Held {
    pub(crate) id: ContainerId,
    pub(crate) is_ready: bool,
    image: Value,
    state: State,
    restarts: u64,
    /// How often it ended, since it last ran well.
    failures: u32,
    since: Timestamp,
    last: Option<Last>,
    /// What happened and is not told yet.
    notes: Vec<Note>,
}

enum State {
    /// It has not been started; what is missing.
    Waiting(Option<Missing>),
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

impl Held {
    /// A container that nobody works on yet. It may have run before, when somebody else did.
    pub(crate) fn of(pod: &Value, container: &Value, now: Timestamp) -> Self {
        let (namespace, name) = place(pod);
        let container_name = text(&container["name"]);
        let mut statuses = items(&pod["status"]["containerStatuses"]);
        let before = statuses.find(|status| status["name"] == container_name);
        let ran = before.is_some_and(|before| before["started"] == true);
        let restarts = before.and_then(|before| before["restartCount"].as_u64());
        Self {
            id: ContainerId {
                namespace: namespace.to_owned(),
                pod: name.to_owned(),
                uid: uid(pod).to_owned(),
                container: container_name.to_owned(),
            },
            is_ready: false,
            image: container["image"].clone(),
            state: State::Waiting(None),
            restarts: restarts.unwrap_or_default() + u64::from(ran),
            failures: 0,
            since: now,
            last: None,
            notes: Vec::new(),
        }
    }

    /// What is to be started now, if anything is.
    pub(crate) fn start(
        &mut self,
        pod: &Value,
        facts: &Facts<'_>,
        now: Instant,
    ) -> Option<Container> {
        if self.due().is_some_and(|until| until <= now) {
            self.state = State::Waiting(None);
        }
        let State::Waiting(missing) = &self.state else {
            return None;
        };
        match resolved(pod, &self.id.container, facts) {
            Ok(container) => {
                self.state = State::Starting;
                return Some(container);
            }
            Err(found) if missing.as_ref() == Some(&found) => {}
            Err(found) => {
                self.tell(of_missing(&found));
                self.state = State::Waiting(Some(found));
            }
        }
        None
    }

    /// Whether it has to be asked to stop.
    pub(crate) fn stop(&mut self) -> bool {
        match self.state {
            State::Stopping | State::Over => false,
            State::Waiting(_) | State::BackOff(..) => {
                self.state = State::Over;
                false
            }
            State::Starting | State::Running(_) => {
                self.state = State::Stopping;
                let what = format!("Stopping container {}", self.id.container);
                self.tell(Note::new("Killing", what));
                true
            }
        }
    }

    /// Takes in what became of it.
    pub(crate) fn report(&mut self, report: Report, now: Instant, stamp: Timestamp) {
        match report {
            Report::Running => self.run(now, stamp),
            Report::Ready(ready) => self.is_ready = ready,
            Report::Unhealthy(probed, why) => self.fail(probed, &why),
            Report::Ended(ended) => self.end(ended, now, stamp),
        }
    }

    /// What happened since the last time.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// When it comes back by itself.
    pub(crate) const fn due(&self) -> Option<Instant> {
        match self.state {
            State::BackOff(until, _) => Some(until),
            _ => None,
        }
    }

    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether it ever ran, as far as is known.
    pub(crate) const fn ran(&self) -> bool {
        self.last.is_some() || self.runs()
    }

    const fn runs(&self) -> bool {
        matches!(self.state, State::Running(_) | State::Stopping)
    }

    /// Whether it waits because it failed more than once.
    const fn backs_off(&self) -> bool {
        matches!(self.state, State::BackOff(..)) && self.failures > 1
    }

    fn tell(&mut self, note: Note) {
        self.notes.push(note.of_container(&self.id.container));
    }

    fn run(&mut self, now: Instant, stamp: Timestamp) {
        self.since = stamp;
        if matches!(self.state, State::Starting) {
            self.state = State::Running(now);
        }
        let name = &self.id.container;
        let (created, started) = (
            format!("Created container: {name}"),
            format!("Started container {name}"),
        );
        self.tell(Note::new("Created", created));
        self.tell(Note::new("Started", started));
    }

    fn fail(&mut self, probed: Probed, why: &str) {
        let what = match probed {
            Probed::Readiness => "Readiness",
            Probed::Liveness => "Liveness",
        };
        let note = Note::warning("Unhealthy", format!("{what} probe failed: {why}"));
        self.tell(note);
        match probed {
            Probed::Readiness => self.is_ready = false,
            Probed::Liveness => {
                let name = &self.id.container;
                let what = format!("Container {name} failed liveness probe, will be restarted");
                self.tell(Note::new("Killing", what));
            }
        }
    }

    fn end(&mut self, ended: Ended, now: Instant, stamp: Timestamp) {
        self.is_ready = false;
        if ended.never_ran() {
            self.tell(Note::warning("Failed", format!("Error: {}", ended.message)));
        }
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
        if self.backs_off() {
            let ContainerId {
                namespace,
                pod,
                uid,
                container,
            } = &self.id;
            let of = format!("{container} in pod {pod}_{namespace}({uid})");
            let what = format!("Back-off restarting failed container {of}");
            self.tell(Note::warning("BackOff", what));
        }
        self.last = Some(Last {
            ended,
            from: self.since,
            to: stamp,
        });
    }

    pub(crate) fn status(&self) -> Value {
        let waiting = |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});
        let last = self.last.as_ref().map(terminated);
        let state = match &self.state {
            State::Running(_) | State::Stopping => {
                json!({"running": {"startedAt": seconds(self.since)}})
            }
            State::Waiting(missing) => {
                let why = missing.as_ref().map_or("", Missing::why);
                waiting("ContainerCreating", why)
            }
            State::Starting => waiting("ContainerCreating", ""),
            State::BackOff(_, wait) if self.backs_off() => {
                let message = format!("back-off {}s restarting failed container", wait.as_secs());
                waiting("CrashLoopBackOff", &message)
            }
            State::BackOff(..) | State::Over => last
                .clone()
                .unwrap_or_else(|| waiting("ContainerCreating", "")),
        };
        let mut status = json!({
            "name": self.id.container, "image": self.image, "imageID": self.image,
            "ready": self.is_ready, "started": self.runs(), "restartCount": self.restarts,
            "state": state,
        });
        if let Some(last) = last {
            status["lastState"] = last;
        }
        status
    }
}

/// The container of that name, or what it waits for.
fn resolved(pod: &Value, name: &str, facts: &Facts<'_>) -> Result<Container, Missing> {
    let pod: Pod = serde_json::from_value(pod.clone())
        .map_err(|error| Missing::Configuration(error.to_string()))?;
    let mut all = pod.spec.iter().flat_map(|spec| &spec.containers);
    let raw = all.find(|raw| raw.name == name);
    let raw = raw.ok_or_else(|| Missing::Configuration("it is not in the pod".to_owned()))?;
    resolve(&pod, raw, facts)
}

/// In a kubelet's words.
fn of_missing(missing: &Missing) -> Note {
    match missing {
        Missing::Configuration(why) => Note::warning("Failed", format!("Error: {why}")),
        Missing::Volume(why) => {
            Note::warning("FailedMount", format!("MountVolume.SetUp failed: {why}"))
        }
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
