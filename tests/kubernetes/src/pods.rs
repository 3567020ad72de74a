//! What can happen to a pod and to a node's pods, beyond what the API server does.

use std::fs;

use anyhow::{Context, Result};

use crate::lab::{Lab, Node, cgroups, process};

/// Of a drain; pods that need longer have no place in a test.
const DRAIN: &str = "90s";

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
        let (node, uid) = self.whereabouts(namespace, pod)?;
        for pid in cgroups::processes(node.index, &uid)? {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.trim() != "pause" {
                process::kill(pid);
            }
        }
        Ok(())
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
