//! Kubernetes' controllers and a kubelet whose containers are brokers in memory: they take a while to
//! start and to stop, and always come up.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::time::Duration;

use millrace_local::LocalApi;
use millrace_machines::{
    Addresses, Container, ContainerId, Ended, Machines, Node, Report, Reports, Runner, Source,
};
use millrace_types::NodeId;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::brokers::Brokers;

/// From a pod to a broker that answers, and from a request to stop to the end.
const STARTS: Duration = Duration::from_secs(2);
const STOPS: Duration = Duration::from_secs(1);

const CONFIG_DIRECTORY: &str = "/etc/millrace";

/// Runs the machines until the answer is dropped.
pub(crate) fn start(api: &LocalApi, brokers: &Brokers) -> Machines {
    let node = Node {
        name: "node-a".to_owned(),
        address: "10.0.0.1".to_owned(),
    };
    let addresses = Addresses::from(Ipv4Addr::new(10, 1, 0, 1));
    let runner = InMemory {
        api: api.clone(),
        brokers: brokers.clone(),
        running: HashMap::new(),
    };
    Machines::start(api.clone(), node, addresses, runner)
}

struct InMemory {
    api: LocalApi,
    brokers: Brokers,
    running: HashMap<ContainerId, Running>,
}

struct Running {
    cluster: String,
    broker: NodeId,
    reports: Reports,
    starting: AbortHandle,
}

impl InMemory {
    fn cluster_of(&self, id: &ContainerId) -> String {
        let pod = self.api.object("Pod", &id.namespace, &id.pod).unwrap();
        let label = pod["metadata"]["labels"]["millrace.dev/cluster"].as_str();
        format!("{}/{}", id.namespace, label.unwrap())
    }
}

impl Runner for InMemory {
    fn start(&mut self, container: Container, reports: Reports) {
        let id = container.id.clone();
        let cluster = self.cluster_of(&id);
        let properties = properties(&container);
        let broker = NodeId(properties["node.id"].parse().unwrap());
        let (brokers, name, to, of) = (
            self.brokers.clone(),
            cluster.clone(),
            reports.clone(),
            id.clone(),
        );
        let starting = tokio::spawn(async move {
            sleep(STARTS).await;
            brokers.start(&name, &properties);
            to.send((of.clone(), Report::Running)).await.unwrap();
            to.send((of, Report::Ready(true))).await.unwrap();
        });
        let running = Running {
            cluster,
            broker,
            reports,
            starting: starting.abort_handle(),
        };
        self.running.insert(id, running);
    }

    fn stop(&mut self, container: &ContainerId, _: Duration) {
        let running = self.running.remove(container).unwrap();
        running.starting.abort();
        self.brokers.stop(&running.cluster, running.broker);
        let of = container.clone();
        tokio::spawn(async move {
            sleep(STOPS).await;
            let ended = Ended {
                exit_code: 0,
                reason: "Completed",
                message: String::new(),
            };
            // Nobody hears it when the pod is gone.
            drop(running.reports.send((of, Report::Ended(ended))).await);
        });
    }

    fn forget(&mut self, _: &str, _: &str, uid: &str) {
        let brokers = &self.brokers;
        self.running.retain(|id, running| {
            if id.uid == uid {
                running.starting.abort();
                brokers.stop(&running.cluster, running.broker);
            }
            id.uid != uid
        });
    }

    fn release(&mut self, _: &str, _: &str) {}
}

/// What the broker of a pod reads when it starts.
fn properties(container: &Container) -> BTreeMap<String, String> {
    let mut mounts = container.mounts.iter();
    let config = mounts.find(|mount| mount.path == CONFIG_DIRECTORY).unwrap();
    let files = match &config.source {
        Source::Files(files) => Some(files),
        _ => None,
    };
    let files = files.expect("the configuration is files");
    let text = &files[&format!("{}.properties", container.id.pod)];
    let text = String::from_utf8(text.clone()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}
