//! A pod's life as its status tells it.

use super::*;
use crate::json::text;
use crate::pod::held::RAN_WELL;
use crate::runner::{Ended, Probed};

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn pod() -> Value {
    json!({"metadata": {"name": "web-0", "namespace": "n", "uid": "u"}, "spec": {
        "terminationGracePeriodSeconds": 7,
        "containers": [{"name": "a", "image": "i",
            "volumeMounts": [{"name": "c", "mountPath": "/c"}]}],
        "volumes": [{"name": "c", "configMap": {"name": "config"}}]}})
}

struct Kubelet {
    pod: Value,
    work: PodWork,
    has_config: bool,
    now: Instant,
}

impl Kubelet {
    fn new(pod: Value) -> Self {
        let work = PodWork::of(&pod, Ipv4Addr::LOCALHOST, AT);
        Self {
            pod,
            work,
            has_config: true,
            now: Instant::now(),
        }
    }

    /// Commands in words.
    fn tend(&mut self) -> Vec<String> {
        let config = self.has_config.then(|| json!({"data": {}}));
        let find = |_: &str, _: &str, _: &str| config.clone();
        let facts = Facts {
            address: "127.0.0.1",
            host: "127.0.0.1",
            find: &find,
        };
        let commands = self.work.tend(&self.pod, false, &facts, self.now);
        let commands = commands.into_iter().map(|command| match command {
            Command::Start(container) => format!("start {}", container.id),
            Command::Stop(id, grace) => format!("stop {id} {}", grace.as_secs()),
        });
        commands.collect()
    }

    fn report(&mut self, report: Report) {
        let id = self.work.containers[0].id.clone();
        self.work.report(&id, report, self.now, AT);
    }

    fn end(&mut self, code: i32) {
        self.report(Report::Ended(Ended {
            exit_code: code,
            reason: "Error",
            message: "last words".to_owned(),
        }));
    }

    /// Reasons and words of what happened since the last time.
    fn notes(&mut self) -> Vec<String> {
        let notes = self.work.take_notes().into_iter();
        notes
            .map(|note| {
                assert_eq!(note.container.as_deref(), Some("a"));
                let mark = if note.is_warning { "!" } else { "" };
                format!("{mark}{}: {}", note.reason, note.message)
            })
            .collect()
    }

    /// Phase, whether it is ready, restarts, and the container's state.
    fn seen(&self) -> (String, bool, u64, String) {
        let status = self.work.status(&self.pod, "127.0.0.1", AT);
        let container = &status["containerStatuses"][0];
        let state = container["state"].as_object().expect("a state");
        let (name, state) = state.iter().next().expect("one");
        let reason = state["reason"].as_str().unwrap_or_default();
        let shown = json!({"status": status});
        (
            text(&status["phase"]).to_owned(),
            crate::json::holds(&shown, "Ready"),
            container["restartCount"].as_u64().expect("a number"),
            format!("{name} {reason}"),
        )
    }
}

fn seen(phase: &str, ready: bool, restarts: u64, state: &str) -> (String, bool, u64, String) {
    (phase.to_owned(), ready, restarts, state.to_owned())
}

#[test]
fn a_pod_waits_for_its_volumes_runs_and_stops() {
    let mut kubelet = Kubelet::new(pod());
    kubelet.has_config = false;
    assert_eq!(kubelet.tend(), Vec::<String>::new());
    assert_eq!(
        kubelet.seen(),
        seen("Pending", false, 0, "waiting ContainerCreating")
    );
    kubelet.has_config = true;
    assert_eq!(kubelet.tend(), ["start n/web-0/a"]);
    assert_eq!(kubelet.tend(), Vec::<String>::new());
    kubelet.report(Report::Running);
    kubelet.report(Report::Ready(true));
    assert_eq!(kubelet.seen(), seen("Running", true, 0, "running "));
    kubelet.pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    assert_eq!(kubelet.tend(), ["stop n/web-0/a 7"]);
    assert!(!kubelet.work.is_over());
    kubelet.end(0);
    assert!(kubelet.work.is_over());
    assert_eq!(kubelet.tend(), Vec::<String>::new());
}

#[test]
fn a_container_that_ends_is_started_again_and_waits_longer_each_time() {
    let mut kubelet = Kubelet::new(pod());
    let mut waits = Vec::new();
    for _ in 0..9 {
        assert_eq!(kubelet.tend(), ["start n/web-0/a"]);
        kubelet.report(Report::Running);
        kubelet.end(1);
        let due = kubelet.work.due().expect("it comes back");
        waits.push((due - kubelet.now).as_secs());
        if waits.len() > 1 {
            assert_eq!(kubelet.tend(), Vec::<String>::new());
            let restarts = waits.len() as u64;
            assert_eq!(
                kubelet.seen(),
                seen("Running", false, restarts, "waiting CrashLoopBackOff")
            );
        }
        kubelet.now = due;
    }
    assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(kubelet.tend(), ["start n/web-0/a"]);
    kubelet.report(Report::Running);
    kubelet.now += RAN_WELL;
    kubelet.end(1);
    assert_eq!(kubelet.work.due(), Some(kubelet.now));
}

#[test]
fn a_pod_that_ran_before_is_started_again_in_its_place() {
    let mut kubelet = Kubelet::new(pod());
    kubelet.tend();
    kubelet.report(Report::Running);
    kubelet.report(Report::Ready(true));
    let mut kept = pod();
    kept["status"] = kubelet.work.status(&kubelet.pod, "127.0.0.1", AT);
    let mut kubelet = Kubelet::new(kept);
    assert_eq!(
        kubelet.seen(),
        seen("Pending", false, 1, "waiting ContainerCreating")
    );
    assert_eq!(kubelet.tend(), ["start n/web-0/a"]);
}

#[test]
fn what_happens_to_a_container_is_told_once_each_time() {
    let mut kubelet = Kubelet::new(pod());
    kubelet.has_config = false;
    kubelet.tend();
    kubelet.tend();
    assert_eq!(
        kubelet.notes(),
        ["!FailedMount: MountVolume.SetUp failed: there is no ConfigMap config"]
    );
    kubelet.has_config = true;
    kubelet.tend();
    assert_eq!(kubelet.notes(), Vec::<String>::new());
    kubelet.report(Report::Running);
    assert_eq!(
        kubelet.notes(),
        [
            "Created: Created container: a",
            "Started: Started container a"
        ]
    );
    kubelet.report(Report::Ready(true));
    let why = "HTTP probe failed with statuscode: 503".to_owned();
    kubelet.report(Report::Unhealthy(Probed::Readiness, why.clone()));
    assert_eq!(kubelet.seen(), seen("Running", false, 0, "running "));
    kubelet.report(Report::Unhealthy(Probed::Liveness, why.clone()));
    assert_eq!(
        kubelet.notes(),
        [
            format!("!Unhealthy: Readiness probe failed: {why}"),
            format!("!Unhealthy: Liveness probe failed: {why}"),
            "Killing: Container a failed liveness probe, will be restarted".to_owned(),
        ]
    );
    kubelet.end(1);
    assert_eq!(kubelet.notes(), Vec::<String>::new());
    kubelet.tend();
    kubelet.report(Report::Ended(Ended {
        exit_code: 1,
        reason: Ended::ADDRESS_TAKEN,
        message: "127.0.0.1:9092 is taken".to_owned(),
    }));
    assert_eq!(
        kubelet.notes(),
        [
            "!Failed: Error: 127.0.0.1:9092 is taken",
            "!BackOff: Back-off restarting failed container a in pod web-0_n(u)",
        ]
    );
    kubelet.now = kubelet.work.due().expect("it comes back");
    kubelet.tend();
    kubelet.report(Report::Running);
    kubelet.notes();
    kubelet.pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    kubelet.tend();
    kubelet.tend();
    assert_eq!(kubelet.notes(), ["Killing: Stopping container a"]);
}
