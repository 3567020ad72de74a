//! Listeners come and go, and clients reach each the way that its type promises.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::Skip;
use serde_json::{Value, json};

use crate::kafka::Kafka;
use crate::load::under_load;
use crate::specs::{cluster, topic};
use crate::stage::{Stage, condition, stage};
use crate::traffic::{PARTITIONS, Traffic};

#[test]
fn listeners_are_added_and_removed_under_load() -> Result<()> {
    under_load("listeners", &cluster("fleet", json!({})), |stage, _| {
        for name in ["inside", "outside"] {
            let partitions = json!({ "partitions": PARTITIONS });
            stage.apply(&topic(name, "fleet", partitions))?;
        }
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
        Ok(())
    })
}

/// Addresses of services that nobody has: the host's way to them leads through a kube-proxy.
const BALANCERS: [(&str, &str); 2] = [
    ("fleet-outside-bootstrap", "10.96.255.250"),
    ("fleet-all-0-outside", "10.96.255.251"),
];

/// There is nobody to give addresses here: the test does.
#[test]
fn a_balanced_listener_waits_for_its_addresses() -> Result<()> {
    under_load(
        "balanced",
        &cluster("fleet", json!({})),
        |stage, traffic| {
            let partitions = json!({ "partitions": PARTITIONS });
            stage.apply(&topic("outside", "fleet", partitions))?;
            let listener = |name, port, kind| json!({"name": name, "port": port, "type": kind});
            let both = [
                listener("plain", 9092, "internal"),
                listener("outside", 9492, "loadBalancer"),
            ];
            stage.patch_spec("kafkacluster", "fleet", &json!({ "listeners": both }))?;
            let waits = stage.wait_reason("kafkacluster", "fleet", "AddressesPending")?;
            let message = condition(&waits, "Ready")["message"].to_string();
            ensure!(message.contains("fleet-all-0-outside"), "{message}");
            traffic.flows()?;
            for (service, address) in BALANCERS {
                let given = json!({"status": {"loadBalancer": {"ingress": [{"ip": address}]}}});
                let what = [
                    "-n",
                    stage.space,
                    "--subresource=status",
                    "service",
                    service,
                ];
                stage.cluster.kubectl().patch(&what, &given)?;
            }
            let ready = stage.ready("kafkacluster", "fleet")?;
            let servers = bootstrap(&ready, "outside")?;
            assert_eq!(servers, format!("{}:9492", BALANCERS[0].1));
            let there = Kafka::connect(&servers)?;
            Traffic::start(&there, "outside")?.end()?;
            assert_eq!(there.address(0)?, format!("{}:9492", BALANCERS[1].1));
            Ok(())
        },
    )
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
