//! Puts a fleet on this machine together: the API with what was kept, its listener, the machines, the
//! operator. The one file that knows every part; it takes them apart in the opposite order.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use millrace_admin::Clusters;
use millrace_local::LocalApi;
use millrace_loopback::{BindError, Loopback};
use millrace_machines::{Addresses, Layout, Logs, Machines, Names, Node, Processes, Program};
use millrace_model::{Defaults, Platform};
use millrace_reconcile::{Health, Metrics, Operator, Settings};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::fleet::directory::{DataDirectory, Held, Run};
use crate::fleet::kept::Keeper;
use crate::fleet::logs::ContainerLogs;
use crate::fleet::manifests::DEFAULT_NAMESPACE;

/// The hidden command that is a broker.
pub(crate) const BROKER_COMMAND: &str = "broker";
/// How long passes that are under way may go on after a signal to stop: what is cut off is gone on with
/// at the next start.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// Where the API listens when it may.
const API_PORT: u16 = 6750;
/// Brokers that one cluster can have: a fleet of more is not served yet.
const BROKERS_SERVED: u32 = 1;
const NODE: &str = "loopback";
const HOST: &str = "127.0.0.1";

/// What a fleet is started with.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The first pod's; the next pods have the next ones.
    pub(crate) first_address: Ipv4Addr,
    /// `None`: the usual one, or any other that is free.
    pub(crate) api_port: Option<u16>,
}

/// A fleet that runs.
pub(crate) struct Fleet {
    pub(crate) api: LocalApi,
    pub(crate) address: SocketAddr,
    directory: DataDirectory,
    operator: Operator,
    machines: Machines,
    keeper: Keeper,
    stop_listening: watch::Sender<bool>,
    listening: JoinHandle<()>,
    _held: Held,
}

/// What holds for every cluster on this machine.
pub(crate) fn defaults() -> Defaults {
    Defaults {
        image_repository: "millrace/broker".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        image_pull_policy: None,
        platform: Platform::Loopback,
        brokers_served: BROKERS_SERVED,
        operator_pods: None,
    }
}

impl Fleet {
    /// Starts everything on what was kept in the directory.
    pub(crate) async fn start(
        directory: DataDirectory,
        held: Held,
        kept: Vec<Value>,
        options: &Options,
    ) -> Result<Self> {
        let api = LocalApi::new(Timestamp::now());
        api.restore(kept);
        forget_readiness(&api);
        for object in surroundings() {
            // It is there since an earlier start.
            let _known = api.create(object);
        }
        let listener = listen(options.api_port).await?;
        let address = listener.address();
        let pid = i32::try_from(std::process::id())?;
        directory.tell(&Run { pid, api: address })?;

        let logs = Logs::new(directory.logs());
        let machines = start_machines(&api, &directory, logs.clone(), options)?;
        let operator = start_operator(&api);
        let keeper = Keeper::start(directory.objects(), api.clone());
        let (stop_listening, mut stopped) = watch::channel(false);
        let stop = async move { drop(stopped.wait_for(|stop| *stop).await) };
        let serving = listener.serve(api.clone(), Arc::new(ContainerLogs(logs)), stop);
        Ok(Self {
            api,
            address,
            directory,
            operator,
            machines,
            keeper,
            stop_listening,
            listening: tokio::spawn(serving),
            _held: held,
        })
    }

    /// Stops everything in order: whoever decides, then the brokers, then what they are told from.
    ///
    /// # Errors
    /// When what the next start needs could not be kept.
    pub(crate) async fn stop(self) -> Result<()> {
        if timeout(DRAIN_LIMIT, self.operator.stop()).await.is_err() {
            tracing::warn!("passes under way were cut off");
        }
        self.machines.stop().await;
        self.stop_listening.send_replace(true);
        // It only ends early when it panics, and then nobody listens either.
        let _ended = self.listening.await;
        let kept = self.keeper.stop().await;
        self.directory.forget_run();
        kept
    }
}

/// What ran before does not run now, and what kept it from running may be gone, whatever was said last.
fn forget_readiness(api: &LocalApi) {
    for kind in ["Pod", "KafkaCluster"] {
        for object in api.objects(kind) {
            let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
            let _gone = api.edit(kind, text("namespace"), text("name"), forget_status);
        }
    }
}

fn forget_status(object: &mut Value) {
    let Some(status) = object["status"].as_object_mut() else {
        return;
    };
    status.insert("conditions".to_owned(), json!([]));
    let containers = status.get_mut("containerStatuses");
    let containers = containers.and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        container["state"] = json!({"waiting": {"reason": "ContainerCreating"}});
        container["lastState"] = json!({});
    }
}

/// What is there in every Kubernetes cluster.
fn surroundings() -> [Value; 3] {
    [
        json!({"kind": "Namespace", "metadata": {"name": DEFAULT_NAMESPACE}}),
        json!({"kind": "Node", "metadata": {"name": NODE},
            "spec": {}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
        json!({"kind": "StorageClass", "metadata": {"name": "local",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "millrace.dev/directory", "allowVolumeExpansion": true}),
    ]
}

/// An address that clients remember is worth trying first.
async fn listen(port: Option<u16>) -> Result<Loopback, BindError> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match Loopback::bind(at(port.unwrap_or(API_PORT))).await {
        Err(BindError::Taken(_)) if port.is_none() => Loopback::bind(at(0)).await,
        other => other,
    }
}

fn start_machines(
    api: &LocalApi,
    directory: &DataDirectory,
    logs: Logs,
    options: &Options,
) -> Result<Machines> {
    let program = Program {
        path: std::env::current_exe().context("finding this program")?,
        arguments: vec![BROKER_COMMAND.into()],
    };
    let layout = Layout {
        claims: directory.volumes(),
        pods: directory.pods(),
    };
    let node = Node {
        name: NODE.to_owned(),
        address: HOST.to_owned(),
    };
    let addresses = Addresses::from(options.first_address);
    let runner = Processes::new(program, layout, logs);
    Ok(Machines::start(api.clone(), node, addresses, runner))
}

/// The operator as it is on Kubernetes, except that it is alone.
fn start_operator(api: &LocalApi) -> Operator {
    let health = Arc::new(Health::default());
    let metrics = Arc::new(Metrics::new(Arc::clone(&health)));
    let kafka = Clusters::over(Arc::new(Names::new(api.clone())));
    let settings = Settings {
        namespaces: Vec::new(),
        defaults: defaults(),
        instance: "millrace".to_owned(),
    };
    Operator::start(api.client(), kafka, settings, health, metrics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::standing::Standing;

    #[test]
    fn what_kept_a_cluster_from_running_before_is_forgotten() {
        let api = LocalApi::new(Timestamp::now());
        api.restore(vec![
            json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster",
            "metadata": {"name": "demo", "namespace": DEFAULT_NAMESPACE, "generation": 1, "uid": "1", "resourceVersion": "1"},
            "status": {"observedGeneration": 1, "clusterId": "kept", "conditions": [
                {"type": "Ready", "status": "False", "reason": "PodFailing", "message": "a port is taken"},
                {"type": "Stalled", "status": "True", "reason": "PodFailing", "message": "a port is taken"}]}}),
        ]);
        let standing = || Standing::of(&api.objects("KafkaCluster")[0]);
        assert!(standing().stalled);
        forget_readiness(&api);
        assert!(!standing().stalled && !standing().ready);
        assert_eq!(
            api.objects("KafkaCluster")[0]["status"]["clusterId"],
            "kept"
        );
    }
}
