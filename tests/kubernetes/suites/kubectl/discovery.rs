//! What is served, and what `kubectl` knows of it.

use anyhow::{Result, ensure};

use crate::stage::{Stage, narrow};

fn has(text: &str, parts: &[&str]) -> Result<()> {
    for part in parts {
        ensure!(text.contains(part), "no {part} in: {text}");
    }
    Ok(())
}

#[test]
fn resources_and_versions_are_listed() -> Result<()> {
    let stage = Stage::new()?;
    let resources = stage.run("api-resources -o wide")?;
    let words: Vec<Vec<&str>> = resources
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for kind in millrace_local::kinds() {
        let row = words
            .iter()
            .find(|row| row[0] == kind.plural && row.contains(&kind.api_version().as_str()));
        ensure!(
            row.is_some_and(|row| row.contains(&kind.kind)),
            "{} in {resources}",
            kind.kind
        );
    }
    has(
        &stage.run("api-versions")?,
        &["apps/v1", "millrace.dev/v1alpha1", "v1"],
    )?;
    has(&stage.run("version")?, &["Server Version: v1.34"])?;
    ensure!(stage.run("get --raw /readyz")? == "ok");
    has(
        &stage.run("api-resources --categories=millrace -o name")?,
        &["kafkatopics.millrace.dev"],
    )
}

#[test]
fn fields_are_explained() -> Result<()> {
    let stage = Stage::new()?;
    let topic = stage.run("explain kafkatopic.spec.partitions")?;
    has(
        &topic,
        &["GROUP:      millrace.dev", "FIELD: partitions <integer>"],
    )?;
    let cluster = stage.run("explain kafkacluster.spec")?;
    has(
        &cluster,
        &[
            "KIND:       KafkaCluster",
            "nodePools\t<[]Object> -required-",
            "listeners\t<[]Object>",
        ],
    )?;
    let storage = stage.run("explain kafkaclusters.spec.nodePools.storage.persistent.size")?;
    has(&storage, &["FIELD: size"])?;
    let topic = stage.run("explain kt --recursive")?;
    has(
        &topic,
        &["clusterRef\t<Object> -required-", "metadata\t<ObjectMeta>"],
    )?;
    let container = stage.run("explain pod.spec.containers.image")?;
    has(
        &container,
        &[
            "KIND:       Pod",
            "FIELD: image <string>",
            "Container image name",
        ],
    )?;
    let definition = stage.run("explain crd.spec.versions.schema")?;
    has(
        &definition,
        &[
            "KIND:       CustomResourceDefinition",
            "openAPIV3Schema\t<JSONSchemaProps>",
        ],
    )?;
    for kind in millrace_local::kinds() {
        let version = kind.api_version();
        let told = stage.run(&format!("explain {} --api-version={version}", kind.plural))?;
        has(
            &told,
            &[
                &format!("KIND:       {}", kind.kind),
                "metadata\t<ObjectMeta>",
            ],
        )?;
    }
    Ok(())
}

#[test]
fn who_reaches_it_may_do_what_is_served() -> Result<()> {
    let stage = Stage::new()?;
    ensure!(stage.run("auth can-i create kafkatopics")? == "yes\n");
    ensure!(stage.run("auth can-i get pods --subresource=log")? == "yes\n");
    let said = stage.says(&mut stage.command("auth can-i create deployments.apps"))?;
    has(&said.out, &["no"])
}

#[test]
fn what_is_not_served_is_named() -> Result<()> {
    let stage = Stage::new()?;
    for command in ["get deployments", "explain deployments"] {
        let unknown = stage.refused(command)?;
        has(
            &unknown,
            &["the server doesn't have a resource type \"deployments\""],
        )?;
    }
    let unknown = stage.refused("explain kafkatopic.spec.colour")?;
    has(&unknown, &["field \"colour\" does not exist"])?;
    stage
        .api
        .create(serde_json::json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": "Running"}}))?;
    let exec = stage.refused("exec p -- ls")?;
    has(&exec, &["exec is not served"])
}

#[test]
fn definitions_are_shown_and_stay_as_they_are() -> Result<()> {
    let stage = Stage::new()?;
    let rows = narrow(&stage.run("get crd")?);
    ensure!(rows[0] == ["NAME", "CREATED AT"], "{rows:?}");
    let names: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    ensure!(
        names == ["kafkaclusters.millrace.dev", "kafkatopics.millrace.dev"],
        "{rows:?}"
    );
    ensure!(rows[1][1].ends_with('Z'), "{rows:?}");
    let topics = stage.json("get crd kafkatopics.millrace.dev")?;
    ensure!(topics["spec"]["names"]["kind"] == "KafkaTopic", "{topics}");
    let described = stage.run("describe crd kafkaclusters.millrace.dev")?;
    has(
        &described,
        &["Kind:         CustomResourceDefinition", "KafkaCluster"],
    )?;
    stage.run("wait crd/kafkatopics.millrace.dev --for=condition=Established --timeout=10s")?;
    let none = stage.refused("get crd pods.example.com")?;
    has(&none, &["\"pods.example.com\" not found"])?;
    let refused = stage.refused("delete crd kafkatopics.millrace.dev")?;
    has(&refused, &["not served"])
}
