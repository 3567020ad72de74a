//! What users do to objects: apply, edit, label, patch, scale, wait, delete.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use millrace_tests::deadline::wait_for;
use serde_json::json;

use crate::stage::Stage;

/// Longer than any command takes.
const LIMIT: Duration = Duration::from_secs(60);

const QUICKSTART: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../charts/examples/quickstart.yaml"
);

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: '1'}\n";

const SET: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s}
spec:
  serviceName: s
  replicas: 1
  selector: {matchLabels: {app: s}}
  template:
    metadata: {labels: {app: s}}
    spec:
      containers:
      - {name: a, image: one, env: [{name: A, value: '1'}]}
      - {name: b, image: two}
";

/// Applies the quick start or another version of it. What of its cluster has no effect on one machine is
/// warned of, and nothing else.
fn applied(stage: &Stage, file: &str) -> Result<String> {
    let said = stage.says(&mut stage.command(&format!("apply -f {file}")))?;
    ensure!(said.succeeded, "{}", said.complaint);
    let expected = ["resources", "storage.persistent.size"]
        .map(|field| format!("Warning: spec.nodePools[0].{field}: has no effect"));
    let warnings: Vec<&str> = said.complaint.lines().collect();
    let mut both = warnings.iter().zip(&expected);
    ensure!(
        warnings.len() == expected.len() && both.all(|(told, field)| told.starts_with(field)),
        "{warnings:#?}"
    );
    Ok(said.out)
}

#[test]
fn the_quick_start_is_applied_changed_and_deleted() -> Result<()> {
    let stage = Stage::new()?;
    let said = applied(&stage, QUICKSTART)?;
    ensure!(
        said.contains("kafkacluster.millrace.dev/demo created"),
        "{said}"
    );
    ensure!(
        said.contains("kafkatopic.millrace.dev/orders created"),
        "{said}"
    );
    let said = applied(&stage, QUICKSTART)?;
    // Defaults in the cluster's lists make kubectl send a patch, here as on a cluster.
    let topics: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("kafkatopic"))
        .collect();
    ensure!(
        topics.len() == 2 && topics.iter().all(|line| line.ends_with("unchanged")),
        "{said}"
    );
    let more = fs::read_to_string(QUICKSTART)?.replace("partitions: 3", "partitions: 6");
    let more = stage.file("more.yaml", &more)?;
    let diff = stage.says(&mut stage.command(&format!("diff -f {more}")))?;
    ensure!(
        diff.out.contains("+  partitions: 6"),
        "{}{}",
        diff.out,
        diff.complaint
    );
    let said = applied(&stage, &more)?;
    ensure!(
        said.contains("kafkatopic.millrace.dev/orders configured"),
        "{said}"
    );
    ensure!(stage.json("get kafkatopic orders")?["spec"]["partitions"] == 6);
    let said = stage.run(&format!("delete -f {QUICKSTART}"))?;
    ensure!(said.contains("\"orders\" deleted"), "{said}");
    let gone = stage.run("get millrace --ignore-not-found")?;
    ensure!(gone.is_empty(), "{gone}");
    Ok(())
}

#[test]
fn a_field_that_is_not_known_is_refused() -> Result<()> {
    let stage = Stage::new()?;
    let wrong = fs::read_to_string(QUICKSTART)?.replace("partitions: 3", "partition: 3");
    let wrong = stage.file("wrong.yaml", &wrong)?;
    let refused = stage.refused(&format!("apply -f {wrong}"))?;
    ensure!(refused.contains("spec.partition"), "{refused}");
    let wrong = stage.file("map.yaml", &MAP.replace("\ndata", "\ndate"))?;
    let refused = stage.refused(&format!("apply -f {wrong}"))?;
    ensure!(refused.contains("date"), "{refused}");
    Ok(())
}

#[test]
fn appliers_on_the_server_own_their_fields() -> Result<()> {
    let stage = Stage::new()?;
    let map = stage.file("map.yaml", MAP)?;
    let said = stage.run(&format!("apply --server-side --field-manager=one -f {map}"))?;
    ensure!(said == "configmap/m serverside-applied\n", "{said}");
    let other = stage.file("other.yaml", &MAP.replace("'1'", "'2'"))?;
    let refused = stage.refused(&format!(
        "apply --server-side --field-manager=two -f {other}"
    ))?;
    ensure!(refused.contains("conflict with \"one\""), "{refused}");
    stage.run(&format!(
        "apply --server-side --force-conflicts --field-manager=two -f {other}"
    ))?;
    let map = stage.json("get configmap m --show-managed-fields")?;
    ensure!(map["data"]["a"] == "2", "{map}");
    ensure!(
        map["metadata"]["managedFields"].to_string().contains("two"),
        "{map}"
    );
    Ok(())
}

#[test]
fn built_in_kinds_are_changed_by_apply() -> Result<()> {
    let stage = Stage::new()?;
    let set = stage.file("set.yaml", SET)?;
    stage.run(&format!("apply -f {set}"))?;
    let said = stage.run(&format!("apply -f {set}"))?;
    ensure!(said == "statefulset.apps/s unchanged\n", "{said}");
    let changed = stage.file("changed.yaml", &SET.replace("image: two", "image: three"))?;
    let said = stage.run(&format!("apply -f {changed}"))?;
    ensure!(said == "statefulset.apps/s configured\n", "{said}");
    let containers = &stage.json("get sts s")?["spec"]["template"]["spec"]["containers"];
    let images = [&containers[0]["image"], &containers[1]["image"]];
    ensure!(images == ["one", "three"], "{containers}");
    let said = stage.run("set image statefulset/s a=four")?;
    ensure!(said == "statefulset.apps/s image updated\n", "{said}");
    ensure!(
        stage.run("get sts s -o jsonpath={.spec.template.spec.containers[*].image}")?
            == "four three"
    );
    Ok(())
}

#[test]
fn objects_are_labelled_patched_edited_and_scaled() -> Result<()> {
    let stage = Stage::new()?;
    let set = stage.file("set.yaml", SET)?;
    stage.run(&format!("apply -f {set}"))?;
    applied(&stage, QUICKSTART)?;
    ensure!(stage.run("label kt orders tier=gold")? == "kafkatopic.millrace.dev/orders labeled\n");
    ensure!(stage.run("get kt -l tier=gold -o name")? == "kafkatopic.millrace.dev/orders\n");
    stage.run("annotate sts s note=kept")?;
    stage.run(r#"patch kt orders --type=merge -p {"spec":{"partitions":4}}"#)?;
    stage.run(
        r#"patch kt orders --type=json -p [{"op":"replace","path":"/spec/partitions","value":5}]"#,
    )?;
    stage.run(
        r#"patch sts s -p {"spec":{"template":{"spec":{"containers":[{"name":"b","image":"five"}]}}}}"#,
    )?;
    let set = stage.json("get sts s")?;
    let containers = set["spec"]["template"]["spec"]["containers"].as_array();
    ensure!(containers.is_some_and(|all| all.len() == 2), "{set}");
    stage.run("scale sts s --replicas=3")?;
    stage.run("scale kt orders --replicas=8")?;
    ensure!(stage.json("get sts s")?["spec"]["replicas"] == 3);
    ensure!(stage.json("get kt orders")?["spec"]["partitions"] == 8);
    let mut edit = stage.command("edit kt orders");
    let said = stage.says(edit.env("KUBE_EDITOR", "sed -i s/partitions:.8/partitions:\\ 9/"))?;
    ensure!(
        said.out == "kafkatopic.millrace.dev/orders edited\n",
        "{}{}",
        said.out,
        said.complaint
    );
    ensure!(stage.json("get kt orders")?["spec"]["partitions"] == 9);
    Ok(())
}

#[test]
fn conditions_and_ends_are_waited_for() -> Result<()> {
    let stage = Stage::new()?;
    applied(&stage, QUICKSTART)?;
    let mut wait = stage
        .command("wait kcl/demo --for=condition=Ready --timeout=60s")
        .spawn()?;
    let mut value = stage
        .command("wait kt/orders --for=jsonpath={.status.partitions}=3 --timeout=60s")
        .spawn()?;
    stage
        .api
        .edit("KafkaCluster", "default", "demo", |cluster| {
            cluster["status"] = json!({"conditions": [{"type": "Ready", "status": "True",
            "reason": "AllReady", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]});
        })?;
    stage.api.edit("KafkaTopic", "default", "orders", |topic| {
        topic["status"] = json!({"partitions": 3});
    })?;
    ensure!(wait.wait()?.success() && value.wait()?.success());
    stage.run(r#"patch kt orders --type=merge -p {"metadata":{"finalizers":["test/held"]}}"#)?;
    let mut delete = stage.command("delete kt orders --timeout=60s").spawn()?;
    wait_for("the deletion", LIMIT, || {
        let topic = stage.api.object("KafkaTopic", "default", "orders");
        let topic = topic.filter(|topic| topic["metadata"]["deletionTimestamp"].is_string());
        Ok(topic.map(drop))
    })?;
    let mut gone = stage
        .command("wait kt/orders --for=delete --timeout=60s")
        .spawn()?;
    stage.run(r#"patch kt orders --type=merge -p {"metadata":{"finalizers":null}}"#)?;
    ensure!(delete.wait()?.success() && gone.wait()?.success());
    Ok(())
}

#[test]
fn all_of_a_kind_are_deleted() -> Result<()> {
    let stage = Stage::new()?;
    for name in ["a", "b", "c"] {
        stage
            .api
            .create(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "default"}}))?;
    }
    stage.run("label configmap a b tier=gold")?;
    stage.run("delete configmap -l tier=gold")?;
    ensure!(stage.run("get configmap -o name")? == "configmap/c\n");
    stage.run("delete configmap --all")?;
    ensure!(stage.run("get configmap -o name")?.is_empty());
    Ok(())
}
