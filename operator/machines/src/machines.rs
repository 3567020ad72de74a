//! Drives it all: every change of the API, every report of a container and every wait that is over
//! brings a round over the sets, claims, pods and Services.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use millrace_local::LocalApi;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::addresses::{Addresses, PODS_MOST, PodName};
use crate::container::Facts;
use crate::events::{Events, Note, Source};
use crate::json::{is_going, items, place, seconds, text, uid};
use crate::pod::{Command, PodWork};
use crate::runner::{ContainerId, Report, Reports, Runner};
use crate::services::Services;
use crate::{claims, sets};

/// Reports that wait to be taken in.
const REPORTS_MAX: usize = 256;
/// The reason that a pod gives that waits for room.
const UNSCHEDULABLE: &str = "Unschedulable";
/// Far away, for when nothing is due.
const IDLE: Duration = Duration::from_secs(3_600);

/// The one machine that pods run on.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    /// Under which it is reached.
    pub address: String,
}

/// The controllers and the kubelet at work. Dropping it cuts them off.
#[derive(Debug)]
pub struct Machines {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Machines {
    /// Starts to work on what is in `api`.
    pub fn start(api: LocalApi, node: Node, addresses: Addresses, runner: impl Runner) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (reports, reported) = mpsc::channel(REPORTS_MAX);
        let work = Work {
            claims: claims_of(&api),
            events: Events::new(api.clone(), node.name.clone()),
            api,
            node,
            addresses,
            runner,
            pods: BTreeMap::new(),
            gone: BTreeSet::new(),
            services: Services::default(),
            reports,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(work.run(reported, stopped));
        Self { stop, tasks }
    }

    /// Stops every container, and returns when none runs any more. The pods stay as objects.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Namespace, name and uid.
type Claim = (String, String, String);

struct Work<R> {
    api: LocalApi,
    events: Events,
    node: Node,
    addresses: Addresses,
    runner: R,
    /// By uid.
    pods: BTreeMap<String, (PodName, PodWork)>,
    claims: BTreeSet<Claim>,
    /// Claims that are gone, whose volumes may still be in use.
    gone: BTreeSet<Claim>,
    services: Services,
    reports: Reports,
}

impl<R: Runner> Work<R> {
    async fn run(
        mut self,
        mut reported: mpsc::Receiver<(ContainerId, Report)>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut newest = self.api.newest();
        self.keep_addresses();
        loop {
            newest.mark_unchanged();
            let stopping = *stopped.borrow_and_update();
            self.round(stopping);
            if stopping && self.pods.values().all(|(_, work)| work.is_over()) {
                return;
            }
            let due = self.pods.values().filter_map(|(_, work)| work.due()).min();
            tokio::select! {
                // In one order, so that a seed is one run: a round looks at everything, but at reports.
                biased;
                Some((of, report)) = reported.recv() => self.take(&of, report),
                () = newest.changed() => {}
                () = sleep_until(due.unwrap_or_else(|| Instant::now() + IDLE)) => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Pods that ran before have addresses that clients know.
    fn keep_addresses(&mut self) {
        for pod in self.api.objects("Pod") {
            let (namespace, name) = place(&pod);
            if let Ok(address) = text(&pod["status"]["podIP"]).parse() {
                let pod = (namespace.to_owned(), name.to_owned());
                self.addresses.keep(pod, address);
            }
        }
    }

    fn take(&mut self, of: &ContainerId, report: Report) {
        if let Some((_, work)) = self.pods.get_mut(&of.uid) {
            work.report(of, report, Instant::now(), Timestamp::now());
        }
    }

    fn round(&mut self, stopping: bool) {
        if !stopping {
            self.tend_sets();
            self.tend_claims();
            let services = self.api.objects("Service");
            let host = &self.node.address;
            self.services.tend(&self.api, &services, host, &self.events);
        }
        self.tend_pods(stopping);
        if !stopping {
            // What became of the pods counts for their sets.
            self.tend_sets();
        }
        self.events.forget(Instant::now(), Timestamp::now());
    }

    fn tend_sets(&self) {
        let sets = self.api.objects("StatefulSet");
        let pods = self.api.objects("Pod");
        for set in &sets {
            sets::tend(&self.api, set, &pods, &self.events);
        }
    }

    fn tend_claims(&mut self) {
        for claim in self.api.objects("PersistentVolumeClaim") {
            claims::tend(&self.api, &claim, &self.events);
        }
        let now = claims_of(&self.api);
        let gone = self.claims.difference(&now).cloned();
        self.gone.extend(gone);
        self.claims = now;
        let used: BTreeSet<(&str, &str)> = self
            .pods
            .values()
            .flat_map(|((namespace, _), work)| {
                let claims = work.claims.iter();
                claims.map(move |claim| (namespace.as_str(), claim.as_str()))
            })
            .collect();
        let (in_use, free): (BTreeSet<Claim>, BTreeSet<Claim>) = std::mem::take(&mut self.gone)
            .into_iter()
            .partition(|(namespace, name, _)| used.contains(&(namespace.as_str(), name.as_str())));
        self.gone = in_use;
        for (namespace, name, _) in free {
            self.runner.release(&namespace, &name);
        }
    }

    fn tend_pods(&mut self, stopping: bool) {
        let pods = self.api.objects("Pod");
        self.let_go(&pods);
        for pod in &pods {
            let (namespace, name) = place(pod);
            if !self.pods.contains_key(uid(pod)) {
                self.take_in(pod, &pods);
            }
            let Some((_, work)) = self.pods.get_mut(uid(pod)) else {
                wait_for_room(&self.api, pod, &self.events);
                continue;
            };
            let address = work.address.to_string();
            let find =
                |kind: &str, namespace: &str, name: &str| self.api.object(kind, namespace, name);
            let facts = Facts {
                address: &address,
                host: &self.node.address,
                find: &find,
            };
            for command in work.tend(pod, stopping, &facts, Instant::now()) {
                match command {
                    Command::Start(container) => {
                        self.runner.start(*container, self.reports.clone());
                    }
                    Command::Stop(container, grace) => self.runner.stop(&container, grace),
                }
            }
            for note in work.take_notes() {
                self.events.tell(pod, Source::Kubelet, &note);
            }
            if is_going(pod) && work.is_over() {
                // Whatever else took it away is as good.
                let _gone = self.api.finish("Pod", namespace, name);
            } else {
                tell(&self.api, pod, work, &self.node);
            }
        }
        let left = self.api.objects("Pod");
        self.let_go(&left);
    }

    /// Begins to work on a pod, if there is an address for it.
    fn take_in(&mut self, pod: &Value, all: &[Arc<Value>]) {
        let (namespace, name) = place(pod);
        let lives = |of: &PodName| {
            let mut all = all.iter().map(|pod| place(pod));
            all.any(|place| place == (of.0.as_str(), of.1.as_str()))
        };
        let key = (namespace.to_owned(), name.to_owned());
        let Some(address) = self.addresses.of(key.clone(), lives) else {
            return;
        };
        let work = PodWork::of(pod, address, Timestamp::now());
        self.pods.insert(uid(pod).to_owned(), (key, work));
        if pod["spec"].get("nodeName").is_none() {
            let node = &self.node.name;
            let what = format!("Successfully assigned {namespace}/{name} to {node}");
            let note = Note::new("Scheduled", what);
            self.events.tell(pod, Source::Scheduler, &note);
        }
    }

    /// Of pods that are gone nothing is kept, and nothing may run.
    fn let_go(&mut self, pods: &[Arc<Value>]) {
        let alive: BTreeSet<&str> = pods.iter().map(|pod| uid(pod)).collect();
        let runner = &mut self.runner;
        self.pods.retain(|uid, ((namespace, name), _)| {
            let lives = alive.contains(uid.as_str());
            if !lives {
                runner.forget(namespace, name, uid);
            }
            lives
        });
    }
}

fn claims_of(api: &LocalApi) -> BTreeSet<Claim> {
    let claims = api.objects("PersistentVolumeClaim");
    let claims = claims.iter().map(|claim| {
        let (namespace, name) = place(claim);
        (namespace.to_owned(), name.to_owned(), uid(claim).to_owned())
    });
    claims.collect()
}

/// A pod that no address is left for waits until another one goes.
fn wait_for_room(api: &LocalApi, pod: &Value, events: &Events) {
    let (namespace, name) = place(pod);
    if is_going(pod) {
        // Whatever else took it away is as good.
        let _gone = api.finish("Pod", namespace, name);
        return;
    }
    if items(&pod["status"]["conditions"]).any(|one| one["reason"] == UNSCHEDULABLE) {
        return;
    }
    let why = format!(
        "0/1 nodes are available: 1 Too many pods. One machine runs {PODS_MOST} at most: delete a cluster"
    );
    let condition = json!({"type": "PodScheduled", "status": "False", "reason": UNSCHEDULABLE,
        "message": why, "lastTransitionTime": seconds(Timestamp::now())});
    // A pod that went meanwhile has no status.
    let _gone = api.edit("Pod", namespace, name, |pod| {
        pod["status"] = json!({"phase": "Pending", "conditions": [condition]});
    });
    let note = Note::warning("FailedScheduling", why);
    events.tell(pod, Source::Scheduler, &note);
}

/// Writes a pod's status where it differs.
fn tell(api: &LocalApi, pod: &Value, work: &PodWork, node: &Node) {
    let status = work.status(pod, &node.address, Timestamp::now());
    if pod["status"] == status && pod["spec"]["nodeName"] == *node.name {
        return;
    }
    let (namespace, name) = place(pod);
    // A pod that went meanwhile has no status.
    let _gone = api.edit("Pod", namespace, name, |pod| {
        pod["spec"]["nodeName"] = node.name.as_str().into();
        pod["status"] = status;
    });
}

#[cfg(test)]
#[path = "machines_tests.rs"]
mod tests;
