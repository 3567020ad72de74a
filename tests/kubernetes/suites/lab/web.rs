//! Three small servers with volumes: what the lab's tests look at.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Cluster, Lab, Node};
use millrace_tests::deadline::wait_for;
use serde_json::Value;

/// Any change in the cluster is seen by then.
pub(crate) const SOON: Duration = Duration::from_secs(120);

/// One question to a server that may not answer.
const ANSWER: Duration = Duration::from_secs(2);

/// A page of these servers is one word.
const MAX_PAGE: u64 = 4_096;

pub(crate) struct Web<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) space: &'a str,
}

impl<'a> Web<'a> {
    /// All three are Ready when this returns.
    pub(crate) fn start(cluster: &'a Cluster, space: &'a str) -> Result<Self> {
        cluster
            .kubectl()
            .apply(include_str!("web.yaml"), &["-n", space])?;
        let web = Self { cluster, space };
        web.wait_ready()?;
        Ok(web)
    }

    pub(crate) fn wait_ready(&self) -> Result<()> {
        self.kubectl(&["rollout", "status", "statefulset/web", "--timeout=110s"])
            .map(drop)
    }

    /// kubectl in the namespace of the servers.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut all = vec!["-n", self.space];
        all.extend(arguments);
        self.cluster.kubectl().run(&all)
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let mut all = vec!["-n", self.space];
        all.extend(arguments);
        self.cluster.kubectl().json(&all)
    }

    /// A line of the shell in pod `pod`.
    pub(crate) fn shell(&self, pod: &str, line: &str) -> Result<String> {
        self.kubectl(&["exec", pod, "--", "sh", "-c", line])
    }

    pub(crate) fn pod_address(&self, pod: &str) -> Result<SocketAddr> {
        let ip = text(&self.json(&["get", "pod", pod])?["status"]["podIP"])?;
        Ok(format!("{ip}:8080").parse()?)
    }

    pub(crate) fn node_of(&self, lab: &Lab, pod: &str) -> Result<Node> {
        let name = text(&self.json(&["get", "pod", pod])?["spec"]["nodeName"])?;
        lab.node_named(&name)
    }

    pub(crate) fn volume_of(&self, pod: &str) -> Result<String> {
        let claim = self.json(&["get", "pvc", &format!("data-{pod}")])?;
        text(&claim["spec"]["volumeName"])
    }

    pub(crate) fn restarts(&self, pod: &str) -> Result<i64> {
        let status = &self.json(&["get", "pod", pod])?["status"];
        status["containerStatuses"][0]["restartCount"]
            .as_i64()
            .context("a container counts its restarts")
    }
}

/// The name of the pod that serves at `address`, asked from the host.
pub(crate) fn who_serves(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(b"GET /name HTTP/1.0\r\n\r\n")?;
    let mut page = String::new();
    stream.take(MAX_PAGE).read_to_string(&mut page)?;
    ensure!(page.contains(" 200 "), "answered {page}");
    Ok(page.lines().last().unwrap_or_default().to_owned())
}

/// Services are in force a moment after their pods are Ready.
pub(crate) fn wait_served(address: SocketAddr) -> Result<String> {
    wait_for(&format!("an answer from {address}"), SOON, || {
        who_serves(address).map(Some)
    })
}

pub(crate) fn wait_node(cluster: &Cluster, node: &Node, ready: bool) -> Result<()> {
    let name = node.name();
    wait_for(&format!("{name} to be ready={ready}"), SOON, || {
        let object = cluster.kubectl().json(&["get", "node", &name])?;
        let conditions = object["status"]["conditions"].as_array();
        let now = conditions
            .into_iter()
            .flatten()
            .any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
        Ok((now == ready).then_some(()))
    })
}

pub(crate) fn text(value: &Value) -> Result<String> {
    let text = value.as_str().context("a text")?;
    Ok(text.to_owned())
}
