//! The chart's life: upgraded, rolled back, uninstalled and confined to namespaces, while brokers serve.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::load::{POD, alone_under_load};
use crate::operator::{RELEASE, SPACE, helm_operator, need_operator, wait_available};
use crate::specs::{cluster, topic};
use crate::stage::{Stage, stage_alone};
use crate::traffic::{PARTITIONS, Traffic};

fn replicas(stage: &Stage<'_>) -> Result<Value> {
    let here = ["-n", SPACE, "deployment", RELEASE];
    let found = stage.cluster.kubectl().find(&here)?;
    Ok(found.context("a deployment")?["spec"]["replicas"].clone())
}

#[test]
fn brokers_do_not_notice_the_charts_life() -> Result<()> {
    let fleet = cluster("fleet", json!({}));
    alone_under_load("chart-life", &fleet, |stage, traffic| {
        let pod = stage.uid("pod", POD)?;

        helm_operator(stage.cluster, SPACE, &["replicas=3"])?;
        assert_eq!(replicas(stage)?, 3);
        wait_available(stage.cluster)?;
        stage.cluster.helm(&[
            "rollback",
            RELEASE,
            "--namespace",
            SPACE,
            "--wait",
            "--timeout=110s",
        ])?;
        assert_eq!(replicas(stage)?, 2);
        wait_available(stage.cluster)?;
        stage.apply(&topic("after-rollback", "fleet", json!({})))?;
        stage.ready("kafkatopic", "after-rollback")?;
        traffic.flows()?;

        let gone = uninstall(stage);
        let flowing = gone.and_then(|()| traffic.flows());
        let kept = stage.find("kafkacluster", "fleet");
        helm_operator(stage.cluster, SPACE, &[])?;
        flowing?;
        ensure!(kept?.is_some(), "the cluster went with the operator");
        wait_available(stage.cluster)?;
        stage.apply(&topic("after-install", "fleet", json!({})))?;
        stage.ready("kafkatopic", "after-install")?;
        assert_eq!(stage.uid("pod", POD)?, pod);
        Ok(())
    })
}

fn uninstall(stage: &Stage<'_>) -> Result<()> {
    let arguments = [
        "uninstall",
        RELEASE,
        "--namespace",
        SPACE,
        "--wait",
        "--timeout=110s",
    ];
    stage.cluster.helm(&arguments).map(drop)
}

#[test]
fn a_confined_operator_needs_no_rights_elsewhere() -> Result<()> {
    stage_alone("chart-confined", |stage| {
        let watched = format!("watchNamespaces={{{}}}", stage.space);
        uninstall(stage)?;
        let settings = [
            watched.as_str(),
            "rbac.nodes=false",
            "rbac.storageClasses=false",
        ];
        let served = helm_operator(stage.cluster, SPACE, &settings).and_then(|()| confined(stage));
        // The release that every other test needs.
        uninstall(stage)?;
        helm_operator(stage.cluster, SPACE, &[])?;
        need_operator(stage.cluster)?;
        served
    })
}

fn confined(stage: &Stage<'_>) -> Result<()> {
    let name = format!("{SPACE}-{RELEASE}");
    let kubectl = stage.cluster.kubectl();
    for kind in ["clusterrole", "clusterrolebinding"] {
        ensure!(
            kubectl.find(&[kind, &name])?.is_none(),
            "there is a {kind} {name}"
        );
    }
    stage.apply(&cluster("fleet", json!({})))?;
    stage.apply(&topic(
        "orders",
        "fleet",
        json!({ "partitions": PARTITIONS }),
    ))?;
    let kafka = stage.kafka("fleet")?;
    stage.ready("kafkatopic", "orders")?;
    let traffic = Traffic::start(&kafka, "orders")?;
    let elsewhere = ["-n", "default"];
    let unseen = cluster("unseen", json!({}));
    kubectl.apply(&unseen.to_string(), &elsewhere)?;
    stage.patch_spec(
        "kafkacluster",
        "fleet",
        &json!({"config": {"log.retention.ms": 7_200_000}}),
    )?;
    let passed = stage.ready("kafkacluster", "fleet");
    let seen = kubectl.find(&["-n", "default", "kafkacluster", "unseen"]);
    kubectl.run(&[
        "-n",
        "default",
        "delete",
        "kafkacluster",
        "unseen",
        "--wait=false",
    ])?;
    passed?;
    ensure!(
        seen?.context("a cluster")?["status"].is_null(),
        "it was looked at"
    );
    traffic.end()
}
