//! What can happen to a pod and to a node's pods, beyond what the API server does.

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;

use crate::command::output_with_input;
use crate::lab::{Lab, Node, cgroups, process};

/// Of a drain; pods that need longer have no place in a test.
const DRAIN: &str = "90s";

/// Processes that were found at one moment.
#[derive(Debug)]
pub struct Processes(Vec<u32>);

impl Processes {
    /// SIGKILL, without asking anybody first: this takes microseconds.
    pub fn kill(&self) {
        self.0.iter().for_each(|pid| process::kill(*pid));
    }
}

impl Lab {
    /// Its processes stand still: open connections stay, nothing answers.
    pub fn freeze(&self, namespace: &str, pod: &str) -> Result<()> {
        let (node, uid) = self.whereabouts(namespace, pod)?;
        cgroups::freeze(node.index, &uid)
    }

    pub fn thaw(&self, namespace: &str, pod: &str) -> Result<()> {
        let (node, uid) = self.whereabouts(namespace, pod)?;
        cgroups::thaw(node.index, &uid)
    }

    /// SIGKILL to the processes of its containers. Its sandbox stays, so the kubelet restarts them.
    pub fn kill_processes(&self, namespace: &str, pod: &str) -> Result<()> {
        self.processes(namespace, pod)?.kill();
        Ok(())
    }

    /// The processes of its containers as they are now, to be killed when the moment comes.
    pub fn processes(&self, namespace: &str, pod: &str) -> Result<Processes> {
        let (node, uid) = self.whereabouts(namespace, pod)?;
        let all = cgroups::processes(node.index, &uid)?.into_iter();
        let contained = all.filter(|pid| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.trim() != "pause"
        });
        Ok(Processes(contained.collect()))
    }

    pub fn cordon(&self, node: &Node) -> Result<()> {
        self.kubectl().run(&["cordon", &node.name()]).map(drop)
    }

    pub fn uncordon(&self, node: &Node) -> Result<()> {
        self.kubectl().run(&["uncordon", &node.name()]).map(drop)
    }

    /// Evicts every pod, as far as disruption budgets allow.
    pub fn drain(&self, node: &Node) -> Result<()> {
        let limit = format!("--timeout={DRAIN}");
        let options = ["--ignore-daemonsets", "--delete-emptydir-data", "--force"];
        let name = node.name();
        let mut arguments = vec!["drain", &name, &limit];
        arguments.extend(options);
        self.kubectl().run(&arguments).map(drop)
    }

    /// Asks for the pod to go as a drain does, once.
    pub fn evict(&self, namespace: &str, pod: &str) -> Result<()> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/eviction");
        let eviction = json!({
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"namespace": namespace, "name": pod},
        });
        let mut command = self
            .kubectl()
            .command(&["create", "--raw", &path, "-f", "-"]);
        output_with_input(&mut command, &eviction.to_string()).map(drop)
    }

    fn whereabouts(&self, namespace: &str, pod: &str) -> Result<(Node, String)> {
        let object = self
            .kubectl()
            .find(&["-n", namespace, "pod", pod])?
            .with_context(|| format!("no pod {namespace}/{pod}"))?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let node = text(&object["spec"]["nodeName"]).context("the pod is on no node")?;
        let uid = text(&object["metadata"]["uid"]).context("a pod has a uid")?;
        Ok((self.node_named(&node)?, uid))
    }
}
