//! The operator under test: built beside the tests, installed with its charts once for all of them, and looked at
//! from outside.
//!
//! `MILLRACE_OPERATOR=installed` takes the one that is there.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::Cluster;
use millrace_tests::built;
use millrace_tests::deadline::wait_for;

use crate::http::page;
use crate::leader::leader;
use crate::stage::SOON;

pub(crate) const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts");

/// Name of the release, and so of its Deployment and its lease.
pub(crate) const RELEASE: &str = "millrace";
pub(crate) const SPACE: &str = "millrace-system";

/// Repositories of the two images.
const OPERATOR: &str = "millrace.local/operator";
pub(crate) const BROKER: &str = "millrace.local/broker";

const PODS: &str = "app.kubernetes.io/name=millrace-operator";

/// Installs what was built, unless that runs already.
pub(crate) fn need_operator(cluster: &Cluster) -> Result<()> {
    // Of tests that start together, one installs it for all.
    let turn = File::create(env::temp_dir().join("millrace-operator-install.lock"))?;
    turn.lock()?;
    let here = ["-n", SPACE, "deployment", RELEASE];
    let deployment = cluster.kubectl().find(&here)?;
    if env::var("MILLRACE_OPERATOR").is_ok_and(|which| which == "installed") {
        ensure!(deployment.is_some(), "no operator is installed in {SPACE}");
        return wait_available(cluster);
    }
    let tag = tag()?;
    let image =
        deployment.map(|found| found["spec"]["template"]["spec"]["containers"][0]["image"].clone());
    if image.is_none_or(|image| image != format!("{OPERATOR}:{tag}")) {
        for (repository, program) in [(OPERATOR, "millrace-operator"), (BROKER, "millrace-broker")]
        {
            let image = format!("{repository}:{tag}");
            cluster.load_program(&image, &built::program(program)?)?;
        }
        helm_definitions(cluster)?;
        helm_operator(cluster, SPACE, &[])?;
    }
    wait_available(cluster)
}

pub(crate) fn wait_available(cluster: &Cluster) -> Result<()> {
    let deployment = format!("deployment/{RELEASE}");
    let arguments = [
        "-n",
        SPACE,
        "rollout",
        "status",
        &deployment,
        "--timeout=110s",
    ];
    cluster.kubectl().run(&arguments)?;
    wait_for("a leader", SOON, || leader(cluster).map(Some)).map(drop)
}

fn helm_definitions(cluster: &Cluster) -> Result<()> {
    let chart = format!("{CHARTS}/millrace-crds");
    let arguments = [
        "upgrade",
        "--install",
        "millrace-crds",
        &chart,
        "--namespace",
        SPACE,
    ];
    let options = [
        "--create-namespace",
        "--force-conflicts",
        "--take-ownership",
    ];
    cluster.helm(&[&arguments[..], &options].concat()).map(drop)
}

/// Installs or upgrades the release in `space`, with more `settings` as `--set` takes them.
pub(crate) fn helm_operator(cluster: &Cluster, space: &str, settings: &[&str]) -> Result<()> {
    let tag = installed_tag(cluster)?.map_or_else(tag, Ok)?;
    let images = format!(
        "image.repository={OPERATOR},image.tag={tag},broker.image.repository={BROKER},broker.image.tag={tag}"
    );
    let chart = format!("{CHARTS}/millrace-operator");
    let mut arguments = vec![
        "upgrade",
        "--install",
        RELEASE,
        &chart,
        "--namespace",
        space,
    ];
    arguments.extend([
        "--create-namespace",
        "--wait",
        "--timeout=180s",
        "--set",
        &images,
    ]);
    // Tests kill leaders by the dozen, and each time wait for so long.
    arguments.extend(["--set", "leaderElection.leaseSeconds=6"]);
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    cluster.helm(&arguments).map(drop)
}

/// Of the operator that is to be kept, where one is.
fn installed_tag(cluster: &Cluster) -> Result<Option<String>> {
    if env::var("MILLRACE_OPERATOR").is_err() {
        return Ok(None);
    }
    let pods = cluster
        .kubectl()
        .json(&["-n", SPACE, "get", "pods", "-l", PODS])?;
    let image = &pods["items"][0]["spec"]["containers"][0]["image"];
    let tag = image.as_str().and_then(|image| image.rsplit_once(':'));
    Ok(Some(tag.map_or("dev", |(_, tag)| tag).to_owned()))
}

/// Another one whenever one of the programs was built anew.
fn tag() -> Result<String> {
    let mut tag = String::from("t");
    for program in ["millrace-operator", "millrace-broker"] {
        let age = fs::metadata(built::program(program)?)?
            .modified()?
            .duration_since(UNIX_EPOCH)?;
        tag.push_str(&format!("{:x}", age.as_secs()));
    }
    Ok(tag)
}

pub(crate) fn pods(cluster: &Cluster) -> Result<Vec<String>> {
    let pods = cluster
        .kubectl()
        .json(&["-n", SPACE, "get", "pods", "-l", PODS])?;
    let pods = pods["items"].as_array().context("a list")?;
    let names = pods
        .iter()
        .filter_map(|pod| pod["metadata"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Metrics as they were at one moment.
#[derive(Debug)]
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Of all series of this name whose labels have `parts`.
    pub(crate) fn sum(&self, name: &str, parts: &[&str]) -> f64 {
        let series = self.0.iter().filter(|(series, _)| {
            let (plain, labels) = series.split_once('{').unwrap_or((series, ""));
            plain == name && parts.iter().all(|part| labels.contains(part))
        });
        series.map(|(_, value)| value).sum()
    }
}

pub(crate) fn metrics_of(cluster: &Cluster, pod: &str) -> Result<Metrics> {
    let found = cluster.kubectl().find(&["-n", SPACE, "pod", pod])?;
    let pod = found.with_context(|| format!("no pod {pod}"))?;
    let address = pod["status"]["podIP"]
        .as_str()
        .context("a pod with an address")?;
    read_metrics(&format!("{address}:8080"))
}

/// The metrics that a program at `address` tells.
pub(crate) fn read_metrics(address: &str) -> Result<Metrics> {
    let page = page(address.parse()?, "/metrics")?;
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    Ok(Metrics(
        lines
            .filter_map(|line| {
                let (series, value) = line.rsplit_once(' ')?;
                Some((series.to_owned(), value.parse().ok()?))
            })
            .collect(),
    ))
}
