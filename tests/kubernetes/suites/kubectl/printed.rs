//! What `kubectl` prints of objects: tables, descriptions, watches.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::stage::{Stage, narrow};

fn with_cluster() -> Result<Stage> {
    let stage = Stage::new()?;
    stage.api.create(json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaCluster",
        "metadata": {"name": "demo", "namespace": "default"},
        "spec": {"nodePools": [{"name": "main", "replicas": 1, "storage": {"persistent": {"size": "1Gi"}}}]}}))?;
    stage
        .api
        .edit("KafkaCluster", "default", "demo", |cluster| {
            cluster["status"] = json!({"ready": "1/1", "clusterId": "abc",
            "listeners": [{"name": "plain", "bootstrapServers": "127.0.0.1:9092"}],
            "conditions": [
                {"type": "Progressing", "status": "False", "reason": "Done"},
                {"type": "Ready", "status": "True", "reason": "AllReady"}]});
        })?;
    stage.api.create(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "demo-main-0", "namespace": "default"},
        "spec": {"nodeName": "here", "containers": [{"name": "broker", "image": "millrace"}]}}))?;
    stage.api.edit("Pod", "default", "demo-main-0", |pod| {
        pod["status"] = json!({"phase": "Running", "podIP": "127.0.0.2",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "broker", "ready": true, "restartCount": 2,
                "image": "millrace", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]});
    })?;
    Ok(stage)
}

#[test]
fn tables_have_the_columns_of_their_kind() -> Result<()> {
    let stage = with_cluster()?;
    let rows = narrow(&stage.run("get kcl")?);
    ensure!(
        rows[0] == ["NAME", "READY", "BROKERS", "BOOTSTRAP", "REASON", "AGE"],
        "{rows:?}"
    );
    ensure!(
        rows[1][..5] == ["demo", "True", "1/1", "127.0.0.1:9092", "AllReady"],
        "{rows:?}"
    );
    let rows = narrow(&stage.run("get kcl demo -o wide")?);
    ensure!(
        (rows[0].last(), rows[1].last()) == (Some(&"ID".into()), Some(&"abc".into())),
        "{rows:?}"
    );
    let rows = narrow(&stage.run("get pods -A -o wide --show-labels")?);
    let heads = [
        "NAMESPACE",
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED NODE",
        "READINESS GATES",
        "LABELS",
    ];
    ensure!(rows[0] == heads, "{rows:?}");
    ensure!(
        rows[1][..5] == ["default", "demo-main-0", "1/1", "Running", "2"],
        "{rows:?}"
    );
    ensure!(
        rows[1][6..] == ["127.0.0.2", "here", "<none>", "<none>", "<none>"],
        "{rows:?}"
    );
    let all = stage.run("get all,millrace")?;
    ensure!(
        all.contains("pod/demo-main-0") && all.contains("kafkacluster.millrace.dev/demo"),
        "{all}"
    );
    let sorted = stage.run("get pods --sort-by=.metadata.name --no-headers")?;
    ensure!(sorted.starts_with("demo-main-0"), "{sorted}");
    Ok(())
}

#[test]
fn no_objects_are_no_table() -> Result<()> {
    let stage = Stage::new()?;
    let said = stage.says(&mut stage.command("get pods"))?;
    ensure!(said.succeeded && said.complaint == "No resources found in default namespace.\n");
    Ok(())
}

#[test]
fn a_watch_prints_what_changes() -> Result<()> {
    let stage = with_cluster()?;
    let mut child = stage
        .command("get pods --watch --no-headers")
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().context("the pipe was asked for")?;
    let mut lines = BufReader::new(out).lines();
    let mut next = || {
        lines
            .next()
            .context("the watch ended")?
            .context("the watch broke")
    };
    let first = next()?;
    ensure!(first.contains("Running"), "{first}");
    stage.api.delete("Pod", "default", "demo-main-0")?;
    let second = next()?;
    ensure!(second.contains("Terminating"), "{second}");
    child.kill()?;
    child.wait()?;
    Ok(())
}

#[test]
fn descriptions_have_events() -> Result<()> {
    let stage = with_cluster()?;
    let uid = stage.json("get pod demo-main-0")?["metadata"]["uid"].clone();
    stage
        .api
        .create(json!({"apiVersion": "events.k8s.io/v1", "kind": "Event",
        "metadata": {"name": "demo-main-0.1", "namespace": "default"},
        "eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal", "reason": "Started",
        "note": "Started container broker", "action": "Starting", "reportingController": "kubelet",
        "reportingInstance": "here",
        "regarding": {"apiVersion": "v1", "kind": "Pod", "namespace": "default",
            "name": "demo-main-0", "uid": uid}}))?;
    let pod = stage.run("describe pod demo-main-0")?;
    for part in [
        "Node:",
        "broker:",
        "Restart Count:  2",
        "Started container broker",
    ] {
        ensure!(pod.contains(part), "no {part} in {pod}");
    }
    let cluster = stage.run("describe kcl demo")?;
    ensure!(
        cluster.contains("Bootstrap Servers:  127.0.0.1:9092"),
        "{cluster}"
    );
    let events = stage.run("get events")?;
    ensure!(events.contains("pod/demo-main-0"), "{events}");
    let events = stage.run("events --for=pod/demo-main-0")?;
    ensure!(events.contains("Started container broker"), "{events}");
    Ok(())
}

#[test]
fn every_kind_is_listed_and_described() -> Result<()> {
    let stage = with_cluster()?;
    for kind in millrace_local::kinds() {
        let name = if kind.group.is_empty() {
            kind.plural.to_owned()
        } else {
            format!("{}.{}", kind.plural, kind.group)
        };
        for line in [format!("get {name} -A"), format!("describe {name} -A")] {
            let said = stage.says(&mut stage.command(&line))?;
            let fine =
                said.complaint.is_empty() || said.complaint.starts_with("No resources found");
            ensure!(said.succeeded && fine, "{line}: {}", said.complaint);
        }
    }
    Ok(())
}
