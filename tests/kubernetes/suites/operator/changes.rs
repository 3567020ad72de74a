//! Listeners come and go, and clients reach each the way that its type promises.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::Skip;
use serde_json::{Value, json};

use crate::kafka::Kafka;
use crate::specs::{cluster, topic};
use crate::stage::{Stage, stage};
use crate::traffic::{PARTITIONS, Traffic};

#[test]
fn listeners_are_added_and_removed_under_load() -> Result<()> {
    stage("listeners", |stage| {
        stage.apply(&cluster("fleet", json!({})))?;
        let partitions = json!({ "partitions": PARTITIONS });
        for name in ["traffic", "inside", "outside"] {
            stage.apply(&topic(name, "fleet", partitions.clone()))?;
        }
        let kafka = stage.kafka("fleet")?;
        let traffic = Traffic::start(&kafka, "traffic")?;
        let listener = |name, port, kind| json!({"name": name, "port": port, "type": kind});
        let plain = listener("plain", 9092, "internal");
        let more = [
            plain.clone(),
            listener("within", 9192, "clusterIP"),
            listener("nodes", 9292, "nodePort"),
        ];
        stage.patch_spec("kafkacluster", "fleet", &json!({ "listeners": more }))?;
        let ready = stage.ready("kafkacluster", "fleet")?;
        for (name, topic) in [("within", "inside"), ("nodes", "outside")] {
            let there = Kafka::connect(&bootstrap(&ready, name)?)?;
            Traffic::start(&there, topic)?.end()?;
        }
        stage.patch_spec("kafkacluster", "fleet", &json!({"listeners": [plain]}))?;
        stage.ready("kafkacluster", "fleet")?;
        for service in [
            "fleet-nodes-bootstrap",
            "fleet-all-0-nodes",
            "fleet-within-bootstrap",
        ] {
            stage.gone("service", service)?;
        }
        traffic.end()
    })
}

fn bootstrap(cluster: &Value, listener: &str) -> Result<String> {
    let mut listeners = cluster["status"]["listeners"]
        .as_array()
        .context("listeners")?
        .iter();
    let found = listeners.find(|found| found["name"] == listener);
    let servers = found.and_then(|found| found["bootstrapServers"].as_str());
    servers
        .map(str::to_owned)
        .with_context(|| format!("no listener {listener}"))
}

/// kcat knows nothing of the cluster's names: a port of a node is all it needs.
#[test]
fn a_stock_client_outside_reads_and_writes() -> Result<()> {
    stage("stock", |stage| {
        let kcat = |arguments: &[&str]| kcat(arguments, "");
        if kcat(&["-V"]).is_err() {
            return Err(Skip("kcat is not installed".to_owned()).into());
        }
        let nodes = json!({"name": "nodes", "port": 9292, "type": "nodePort"});
        stage.apply(&cluster("fleet", json!({"listeners": [nodes]})))?;
        stage.apply(&topic("orders", "fleet", json!({})))?;
        let ready = stage.ready("kafkacluster", "fleet")?;
        stage.ready("kafkatopic", "orders")?;
        write_and_read(stage, &bootstrap(&ready, "nodes")?)
    })
}

fn write_and_read(stage: &Stage<'_>, servers: &str) -> Result<()> {
    stage.wait("a record written by kcat", || {
        kcat(&["-b", servers, "-P", "-t", "orders"], "one\n").map(Some)
    })?;
    let read = kcat(
        &[
            "-b",
            servers,
            "-C",
            "-t",
            "orders",
            "-o",
            "beginning",
            "-e",
            "-q",
        ],
        "",
    )?;
    ensure!(read.lines().any(|line| line == "one"), "read {read}");
    Ok(())
}

fn kcat(arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new("timeout")
        .args(["30", "kcat"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stdin.take().context("the pipe was asked for")?;
    std::io::Write::write_all(&mut pipe, input.as_bytes())?;
    drop(pipe);
    let done = child.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "kcat: {complaint}");
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
