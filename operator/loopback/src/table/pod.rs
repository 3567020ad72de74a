//! What is shown of a pod: its containers' states drawn together into one word and a few numbers.

use jiff::Timestamp;
use serde_json::Value;

use crate::table::age::age;
use crate::table::column::{Cell, Column, moment};

const NONE: &str = "<none>";

pub(crate) fn columns() -> Vec<Column> {
    vec![
        Column::new("Name", Cell::Name),
        Column::new("Ready", Cell::Made(|pod, _| Summary::of(pod).ready.into())),
        Column::new(
            "Status",
            Cell::Made(|pod, _| Summary::of(pod).status.into()),
        ),
        Column::new("Restarts", Cell::Made(restarts)),
        Column::new("Age", Cell::Age),
        Column::wide("IP", Cell::At("/status/podIP", NONE)),
        Column::wide("Node", Cell::At("/spec/nodeName", NONE)),
        Column::wide(
            "Nominated Node",
            Cell::At("/status/nominatedNodeName", NONE),
        ),
        Column::wide("Readiness Gates", Cell::Made(gates)),
    ]
}

/// The columns that are drawn from all containers at once.
struct Summary {
    ready: String,
    status: String,
    restarts: i64,
    last_restart: Option<Timestamp>,
}

/// How far the init containers are.
enum Setup {
    Done,
    /// Why it is not done.
    At(String),
}

impl Summary {
    fn of(pod: &Value) -> Self {
        let setup = setup(pod);
        let initialized = matches!(setup, Setup::Done) || is_true(pod, "Initialized");
        let mut status = told(pod);
        if let Setup::At(why) = setup {
            status = why;
        }
        let statuses = list(&pod["status"]["containerStatuses"]);
        let init = list(&pod["status"]["initContainerStatuses"]);
        let sidecars = || init.iter().filter(|one| is_sidecar(pod, one));
        // Those that restarted until the pod could begin are of no interest once it has.
        let counted: Vec<&Value> = if initialized {
            sidecars().chain(statuses).collect()
        } else {
            init.iter().collect()
        };
        let mut ready = sidecars()
            .filter(|one| started(one) && is_ready(one))
            .count();
        if initialized {
            let running = statuses
                .iter()
                .filter(|one| is_ready(one) && one["state"]["running"].is_object());
            let running = running.count();
            ready += running;
            // The first container that has something to tell.
            if let Some(word) = statuses.iter().find_map(word) {
                status = word;
            }
            if status == "Completed" && running > 0 {
                let all = is_true(pod, "Ready");
                status = if all { "Running" } else { "NotReady" }.to_owned();
            }
        }
        if let Some(word) = leaving(pod) {
            status = word.to_owned();
        }
        let sidecars = list(&pod["spec"]["initContainers"]).iter();
        let sidecars = sidecars
            .filter(|one| one["restartPolicy"] == "Always")
            .count();
        let total = list(&pod["spec"]["containers"]).len() + sidecars;
        let restarts = counted
            .iter()
            .filter_map(|one| one["restartCount"].as_i64());
        let ends = counted
            .iter()
            .filter_map(|one| moment(one, "/lastState/terminated/finishedAt"));
        Self {
            ready: format!("{ready}/{total}"),
            status,
            restarts: restarts.sum(),
            last_restart: ends.max(),
        }
    }
}

fn restarts(pod: &Value, now: Timestamp) -> Value {
    let summary = Summary::of(pod);
    match summary.last_restart {
        Some(last) if summary.restarts > 0 => {
            format!("{} ({} ago)", summary.restarts, age(Some(last), now)).into()
        }
        _ => summary.restarts.to_string().into(),
    }
}

fn gates(pod: &Value, _: Timestamp) -> Value {
    let gates = list(&pod["spec"]["readinessGates"]);
    if gates.is_empty() {
        return NONE.into();
    }
    let kinds = gates
        .iter()
        .filter_map(|gate| gate["conditionType"].as_str());
    let open = kinds.filter(|kind| is_true(pod, kind)).count();
    format!("{open}/{}", gates.len()).into()
}

/// What the pod as a whole says.
fn told(pod: &Value) -> String {
    let status = &pod["status"];
    let gated = |condition: &&Value| {
        condition["type"] == "PodScheduled" && condition["reason"] == "SchedulingGated"
    };
    if list(&status["conditions"]).iter().any(|one| gated(&one)) {
        return "SchedulingGated".to_owned();
    }
    let reason = status["reason"]
        .as_str()
        .filter(|reason| !reason.is_empty());
    let word = reason.or(status["phase"].as_str());
    word.unwrap_or_default().to_owned()
}

/// The first init container that holds the others up.
fn setup(pod: &Value) -> Setup {
    let all = list(&pod["spec"]["initContainers"]).len();
    for (index, one) in list(&pod["status"]["initContainerStatuses"])
        .iter()
        .enumerate()
    {
        let (waiting, ended) = (&one["state"]["waiting"], &one["state"]["terminated"]);
        if ended["exitCode"] == 0 || (is_sidecar(pod, one) && started(one)) {
            continue;
        }
        let waits = waiting["reason"].as_str();
        let waits = waits.filter(|reason| !reason.is_empty() && *reason != "PodInitializing");
        return Setup::At(match (end(ended), waits) {
            (Some(word), _) => format!("Init:{word}"),
            (None, Some(word)) => format!("Init:{word}"),
            (None, None) => format!("Init:{index}/{all}"),
        });
    }
    Setup::Done
}

/// Why a container does not run.
fn word(one: &Value) -> Option<String> {
    let waits = one["state"]["waiting"]["reason"].as_str();
    match waits.filter(|reason| !reason.is_empty()) {
        Some(reason) => Some(reason.to_owned()),
        None => end(&one["state"]["terminated"]),
    }
}

/// How a container ended.
fn end(terminated: &Value) -> Option<String> {
    if !terminated.is_object() {
        return None;
    }
    let reason = terminated["reason"].as_str().unwrap_or_default();
    let signal = terminated["signal"].as_i64().unwrap_or_default();
    Some(match (reason, signal) {
        ("", 0) => format!(
            "ExitCode:{}",
            terminated["exitCode"].as_i64().unwrap_or_default()
        ),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    })
}

/// What deletion makes of it.
fn leaving(pod: &Value) -> Option<&'static str> {
    if !pod["metadata"]["deletionTimestamp"].is_string() {
        return None;
    }
    if pod["status"]["reason"] == "NodeLost" {
        return Some("Unknown");
    }
    let over = ["Succeeded", "Failed"]
        .iter()
        .any(|phase| pod["status"]["phase"] == *phase);
    (!over).then_some("Terminating")
}

fn is_sidecar(pod: &Value, status: &Value) -> bool {
    list(&pod["spec"]["initContainers"])
        .iter()
        .any(|one| one["name"] == status["name"] && one["restartPolicy"] == "Always")
}

fn started(status: &Value) -> bool {
    status["started"] == true
}

fn is_ready(status: &Value) -> bool {
    status["ready"] == true
}

fn is_true(pod: &Value, kind: &str) -> bool {
    list(&pod["status"]["conditions"])
        .iter()
        .any(|one| one["type"] == kind && one["status"] == "True")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
