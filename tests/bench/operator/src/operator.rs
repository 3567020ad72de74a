//! The operator as the benchmark reads it: the metrics of its replicas.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, ListParams};
use kube::{Client, ResourceExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A replica that does not answer by then is not counted.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const SELECTOR: &str = "app.kubernetes.io/name=millrace-operator";
const HTTP_PORT: u16 = 8080;

/// Every replica of the operator.
pub(crate) struct Operator {
    pods: Api<Pod>,
}

/// What the leading replica counted up to now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) pod: String,
    values: BTreeMap<String, f64>,
}

impl Operator {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self {
            pods: Api::namespaced(client, namespace),
        }
    }

    /// The figures of the replica that leads.
    pub(crate) async fn leader(&self) -> Result<Figures> {
        let pods = self
            .pods
            .list(&ListParams::default().labels(SELECTOR))
            .await?;
        for pod in &pods.items {
            let Some(ip) = pod.status.as_ref().and_then(|status| status.pod_ip.clone()) else {
                continue;
            };
            let Ok(Ok(text)) = timeout(ANSWER_LIMIT, scrape(&ip)).await else {
                continue;
            };
            let figures = Figures::parse(pod.name_any(), &text);
            if figures.value("millrace_operator_leader") > 0.0 {
                return Ok(figures);
            }
        }
        anyhow::bail!("no replica of the operator leads")
    }

    /// Kills a replica without a word of warning.
    pub(crate) async fn kill(&self, pod: &str) -> Result<()> {
        let params = DeleteParams::default().grace_period(0);
        self.pods
            .delete(pod, &params)
            .await
            .context("killing the operator")?;
        Ok(())
    }
}

impl Figures {
    fn parse(pod: String, text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let values = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self {
            pod,
            values: values.collect(),
        }
    }

    pub(crate) fn value(&self, name: &str) -> f64 {
        self.values.get(name).copied().unwrap_or_default()
    }

    /// The sum of a counter's series that carry this label.
    pub(crate) fn sum(&self, name: &str, label: &str) -> f64 {
        let series = self.values.iter();
        series
            .filter(|(key, _)| key.starts_with(&format!("{name}{{")) && key.contains(label))
            .map(|(_, value)| value)
            .sum()
    }
}

async fn scrape(ip: &str) -> Result<String> {
    let mut stream = TcpStream::connect((ip, HTTP_PORT)).await?;
    stream
        .write_all(b"GET /metrics HTTP/1.0\r\nHost: operator\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no body")?;
    ensure!(head.contains(" 200 "), "the operator answered {head}");
    Ok(body.to_owned())
}
