//! A cluster on this machine: up, down, its nodes, its images.

mod audit;
pub(crate) mod cgroups;
mod control_plane;
pub(crate) mod home;
pub(crate) mod machine;
mod members;
pub(crate) mod network;
pub(crate) mod node;
mod pki;
pub(crate) mod process;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use millrace_tests::deadline::wait_for;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::lab::audit::{Change, Changes};
pub use crate::lab::machine::obstacle;
pub use crate::lab::network::Slow;
pub use crate::lab::node::{Node, Service};

use crate::binaries::{Binaries, need_binaries};
use crate::kubectl::Kubectl;
use crate::lab::machine::Before;

/// Addresses and loop devices are for so many.
pub const MAX_NODES: usize = 8;

const NODES_READY: Duration = Duration::from_secs(120);

/// What `down` must know even after a crash.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    nodes: usize,
    binaries: Binaries,
    before: Before,
}

/// The lab that is up. Any number of processes may hold it at the same time.
#[derive(Debug, Clone)]
pub struct Lab {
    nodes: usize,
    binaries: Binaries,
    kubectl: Kubectl,
}

impl Lab {
    /// Brings up `nodes` nodes; they are Ready when this returns.
    pub fn up(nodes: usize) -> Result<Self> {
        ensure!((1..=MAX_NODES).contains(&nodes), "1 to {MAX_NODES} nodes");
        if let Some(obstacle) = obstacle() {
            bail!("no lab on this machine: {obstacle}");
        }
        let binaries = need_binaries()?;
        match fs::create_dir(home::HOME) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("a lab is up or half down: `lab down` first")
            }
            made => made.with_context(|| format!("no folder {}", home::HOME))?,
        }
        let lab = Self::new(nodes, binaries);
        lab.set_up().context("the lab does not come up")?;
        Ok(lab)
    }

    /// The lab that somebody brought up on this machine.
    pub fn running() -> Result<Option<Self>> {
        if process::find(control_plane::API_SERVER).is_none() || !ready_mark().exists() {
            return Ok(None);
        }
        let record: Record = serde_json::from_slice(&fs::read(record_file())?)?;
        Ok(Some(Self::new(record.nodes, record.binaries)))
    }

    /// Takes down whatever stands of a lab, also what a crashed run left.
    pub fn down() -> Result<()> {
        if !Path::new(home::HOME).exists() {
            return Ok(());
        }
        let record = fs::read(record_file())
            .ok()
            .and_then(|record| serde_json::from_slice::<Record>(&record).ok());
        // What was recorded first, then whatever else lives in its namespaces.
        for name in process::names().unwrap_or_default() {
            if let Some(process) = process::find(&name) {
                process.kill()?;
            }
        }
        members::kill_all("the control plane", members::of_control_plane)?;
        for index in 1..=MAX_NODES {
            cgroups::thaw_all(index);
            let name = network::node_name(index);
            members::kill_all(&name, || members::of_node(index))?;
            cgroups::remove(index)?;
            network::remove_node(index)?;
        }
        network::remove_bridge()?;
        if let Some(record) = record {
            record.before.put_back()?;
        }
        fs::remove_dir_all(home::HOME).with_context(|| format!("{} stays", home::HOME))
    }

    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        (1..=self.nodes).map(|index| self.node(index))
    }

    /// Node `index`; the first is 1.
    pub fn node(&self, index: usize) -> Node {
        assert!((1..=self.nodes).contains(&index), "no node {index}");
        Node {
            index,
            binaries: self.binaries.clone(),
        }
    }

    pub fn node_named(&self, name: &str) -> Result<Node> {
        self.nodes()
            .find(|node| node.name() == name)
            .with_context(|| format!("no node {name}"))
    }

    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Every node gets the image; pods use it with `imagePullPolicy: Never` or `IfNotPresent`.
    pub fn load_image(&self, archive: &Path) -> Result<()> {
        self.on_every_node(|node| node.import(archive))
    }

    /// What service accounts of the namespace `by` change in `namespace` from now on.
    pub fn changes(&self, namespace: &str, by: &str) -> Result<Changes> {
        Changes::follow(namespace, by)
    }

    fn new(nodes: usize, binaries: Binaries) -> Self {
        let kubectl = Kubectl::new(binaries.program("kubectl"), home::kubeconfig("admin"));
        Self {
            nodes,
            binaries,
            kubectl,
        }
    }

    fn set_up(&self) -> Result<()> {
        let folders = node::mounted_over();
        let record = Record {
            nodes: self.nodes,
            binaries: self.binaries.clone(),
            before: Before::take(&folders)?,
        };
        fs::write(record_file(), serde_json::to_vec_pretty(&record)?)?;
        machine::prepare(&folders)?;
        // Nothing answers outside the lab, and nothing shall be asked there.
        let names = format!("nameserver {}\n", network::CONTROL_PLANE);
        fs::write(home::path("resolv.conf"), names)?;
        pki::make(self.nodes)?;
        network::lay_bridge()?;
        for index in 1..=self.nodes {
            network::lay_node(index, self.nodes)?;
        }
        control_plane::start(&self.binaries, &self.kubectl)?;
        self.on_every_node(Node::set_up)?;
        wait_for("all nodes to be Ready", NODES_READY, || {
            let listed = self.kubectl.json(&["get", "nodes"])?;
            Ok((ready_nodes(&listed) == self.nodes).then_some(()))
        })?;
        control_plane::start_proxy(&self.binaries)?;
        Ok(fs::write(ready_mark(), "")?)
    }

    fn on_every_node(&self, work: impl Fn(&Node) -> Result<()> + Sync) -> Result<()> {
        let nodes: Vec<Node> = self.nodes().collect();
        let work = &work;
        std::thread::scope(|scope| {
            let running: Vec<_> = nodes
                .iter()
                .map(|node| (node, scope.spawn(move || work(node))))
                .collect();
            for (node, thread) in running {
                let done = thread.join().expect("work on a node does not panic");
                done.with_context(|| node.name())?;
            }
            Ok(())
        })
    }
}

fn record_file() -> PathBuf {
    home::path("record.json")
}

fn ready_mark() -> PathBuf {
    home::path("ready")
}

fn ready_nodes(listed: &Value) -> usize {
    let conditions = |node: &Value| node["status"]["conditions"].as_array().cloned();
    listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(conditions)
        .flatten()
        .filter(|condition| condition["type"] == "Ready" && condition["status"] == "True")
        .count()
}
