//! From nothing to a broker that serves, and then to silence.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::leader::leader;
use crate::operator::{Metrics, metrics_of, pods};
use crate::specs::{scratch, topic};
use crate::stage::{Stage, stage, stage_alone};
use crate::traffic::Traffic;

const QUICKSTART: &str = include_str!("../../../../charts/examples/quickstart.yaml");

/// Everything that a cluster is made of.
const PARTS: &str = "serviceaccounts,networkpolicies.networking.k8s.io,services,configmaps,poddisruptionbudgets,\
                     statefulsets";

#[test]
fn the_quickstart_serves_clients() -> Result<()> {
    stage("quickstart", |stage| {
        let here = ["-n", stage.space];
        stage.cluster.kubectl().apply(QUICKSTART, &here)?;
        for topic in ["orders", "customers"] {
            stage.ready("kafkatopic", topic)?;
        }
        let kafka = stage.kafka("demo")?;
        let traffic = Traffic::start(&kafka, "orders")?;
        assert_eq!(kafka.partitions("orders")?, 3);
        let week = kafka.setting("orders", "retention.ms")?;
        assert_eq!(week.value.as_deref(), Some("604800000"));
        let policy = kafka.setting("customers", "cleanup.policy")?;
        assert_eq!(policy.value.as_deref(), Some("compact"));
        the_cluster_owns_its_parts(stage)?;
        people_see_how_it_stands(stage)?;
        traffic.end()
    })
}

/// By short names, and both kinds by their category.
fn people_see_how_it_stands(stage: &Stage<'_>) -> Result<()> {
    for (kind, name, columns) in [
        (
            "kcl",
            "demo",
            ["READY True", "BROKERS 1/1", "REASON AsSpecified"],
        ),
        (
            "kt",
            "orders",
            ["CLUSTER demo", "PARTITIONS 3", "REASON AsSpecified"],
        ),
    ] {
        let table = stage.kubectl(&["get", kind, name])?;
        let words = |line: Option<&str>| -> Vec<String> {
            let words = line.unwrap_or_default().split_whitespace();
            words.map(str::to_owned).collect()
        };
        let mut lines = table.lines();
        let (heads, cells) = (words(lines.next()), words(lines.next()));
        let shown: Vec<String> = heads
            .iter()
            .zip(&cells)
            .map(|(head, cell)| format!("{head} {cell}"))
            .collect();
        for column in columns {
            ensure!(
                shown.iter().any(|one| one == column),
                "no {column}: {table}"
            );
        }
    }
    let all = stage.kubectl(&["get", "millrace", "-o", "name"])?;
    for one in [
        "kafkacluster.millrace.dev/demo",
        "kafkatopic.millrace.dev/orders",
    ] {
        ensure!(all.contains(one), "{all}");
    }
    Ok(())
}

fn the_cluster_owns_its_parts(stage: &Stage<'_>) -> Result<()> {
    let uid = stage.uid("kafkacluster", "demo")?;
    let ours = |part: &&Value| part["metadata"]["labels"]["millrace.dev/cluster"] == "demo";
    let listed = stage.list(PARTS)?;
    let parts: Vec<&Value> = listed.iter().filter(ours).collect();
    let kinds: BTreeMap<&str, usize> = parts.iter().fold(BTreeMap::new(), |mut kinds, part| {
        *kinds
            .entry(part["kind"].as_str().unwrap_or_default())
            .or_default() += 1;
        kinds
    });
    assert_eq!(kinds.len(), PARTS.split(',').count(), "{kinds:?}");
    for part in parts {
        let owner = &part["metadata"]["ownerReferences"][0];
        assert_eq!(
            (&owner["uid"], &owner["controller"]),
            (&json!(uid), &json!(true)),
            "{part}"
        );
    }
    Ok(())
}

#[test]
fn one_of_two_replicas_leads() -> Result<()> {
    stage("leader", |stage| {
        let pods = pods(stage.cluster)?;
        assert_eq!(pods.len(), 2);
        let leading = leader(stage.cluster)?;
        for pod in pods {
            let leads = metrics_of(stage.cluster, &pod)?.sum("millrace_operator_leader", &[]);
            assert_eq!(leads > 0.0, pod == leading, "{pod}");
        }
        Ok(())
    })
}

/// Requests that change something.
const WRITES: &[&str] = &[r#"verb="create""#, r#"verb="patch""#, r#"verb="delete""#];

#[test]
fn what_has_converged_is_left_alone() -> Result<()> {
    stage_alone("silence", |stage| {
        stage.apply(&scratch("calm", json!({})))?;
        stage.apply(&topic("orders", "calm", json!({"partitions": 2})))?;
        stage.ready("kafkacluster", "calm")?;
        stage.ready("kafkatopic", "orders")?;
        let leader = leader(stage.cluster)?;
        let metrics = || metrics_of(stage.cluster, &leader);
        others_are_gone(stage)?;
        nudged(stage, &metrics)?;
        let before = metrics()?;
        let versions = nudged(stage, &metrics)?;
        let after = metrics()?;
        assert_eq!(self::versions(stage)?, versions);
        let requests = |metrics: &Metrics, part: &str| {
            metrics.sum("millrace_operator_kubernetes_requests_total", &[part])
        };
        for verb in WRITES {
            assert_eq!(requests(&after, verb), requests(&before, verb), "{verb}");
        }
        // The lease is read and written in turn, and nothing else is read.
        let more = |part| requests(&after, part) - requests(&before, part);
        let (reads, renewals) = (more(r#"verb="get""#), more(r#"verb="update""#));
        ensure!(
            reads <= renewals + 1.0,
            "{reads} reads, {renewals} renewals"
        );
        Ok(())
    })
}

/// What tests before this one left behind makes work too.
fn others_are_gone(stage: &Stage<'_>) -> Result<()> {
    let arguments = ["get", "namespaces"];
    stage.wait("the end of other tests' namespaces", || {
        let spaces = stage.cluster.kubectl().json(&arguments)?;
        let mut spaces = spaces["items"].as_array().context("a list")?.iter();
        let leaving = spaces.any(|space| space["status"]["phase"] == "Terminating");
        Ok((!leaving).then_some(()))
    })
}

/// Makes the operator look at the cluster once more and waits until it did; tells what there was to be looked at.
fn nudged(
    stage: &Stage<'_>,
    metrics: &impl Fn() -> Result<Metrics>,
) -> Result<BTreeMap<String, String>> {
    let passes = |metrics: &Metrics| {
        let ready = [r#"kind="KafkaCluster""#, r#"result="ready""#];
        metrics.sum("millrace_operator_reconciles_total", &ready)
    };
    let before = passes(&metrics()?);
    let note = json!({"metadata": {"annotations": {"nudge": before.to_string()}}});
    stage.patch("kafkacluster", "calm", &note)?;
    let versions = versions(stage)?;
    stage.wait("another pass", || {
        Ok((passes(&metrics()?) > before).then_some(()))
    })?;
    Ok(versions)
}

fn versions(stage: &Stage<'_>) -> Result<BTreeMap<String, String>> {
    let kinds = format!("{PARTS},pods,kafkaclusters,kafkatopics");
    let objects = stage.list(&kinds)?;
    objects
        .iter()
        .map(|object| {
            let metadata = &object["metadata"];
            let name = format!("{}/{}", object["kind"], metadata["name"]);
            let version = metadata["resourceVersion"].as_str().context("a version")?;
            Ok((name, version.to_owned()))
        })
        .collect()
}
