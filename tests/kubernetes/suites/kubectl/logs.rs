//! `kubectl logs`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::stage::Stage;

fn with_pod(containers: &[&str]) -> Result<Stage> {
    let stage = Stage::new()?;
    let containers: Vec<_> = containers
        .iter()
        .map(|name| json!({"name": name, "image": "millrace"}))
        .collect();
    stage.api.create(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "demo-0", "namespace": "default", "labels": {"app": "demo"}},
        "spec": {"containers": containers}}))?;
    Ok(stage)
}

#[test]
fn lines_are_chosen_by_number_by_time_and_by_run() -> Result<()> {
    let stage = with_pod(&["broker"])?;
    let early = stage.refused("logs demo-0")?;
    ensure!(early.contains("not run yet"), "{early}");
    let (one, two) = (
        "2020-01-01T00:00:00Z stdout F one\n",
        "2100-01-01T00:00:00.5Z stderr F two\n",
    );
    stage.write_log("demo-0", "broker", false, one)?;
    stage.write_log("demo-0", "broker", false, two)?;
    let all = "one\ntwo\n";
    ensure!(stage.run("logs demo-0")? == all);
    ensure!(stage.run("logs pod/demo-0 -c broker")? == all);
    ensure!(stage.run("logs -l app=demo --tail=-1")? == all);
    for chosen in [
        "--tail=1",
        "--since=1h",
        "--since-time=2099-01-01T00:00:00Z",
    ] {
        let lines = stage.run(&format!("logs demo-0 {chosen}"))?;
        ensure!(lines == "two\n", "{chosen}: {lines}");
    }
    ensure!(stage.run("logs demo-0 --limit-bytes=2")? == "on");
    let timed = "2020-01-01T00:00:00.000000000Z one\n2100-01-01T00:00:00.500000000Z two\n";
    ensure!(stage.run("logs demo-0 --timestamps")? == timed);
    let none = stage.refused("logs demo-0 --previous")?;
    ensure!(none.contains("no earlier run"), "{none}");
    stage.write_log("demo-0", "broker", true, "before\n")?;
    ensure!(stage.run("logs demo-0 --previous")? == "before\n");
    Ok(())
}

#[test]
fn a_follower_sees_lines_as_they_come_and_ends_with_the_container() -> Result<()> {
    let stage = with_pod(&["broker"])?;
    stage.write_log("demo-0", "broker", false, "one\n")?;
    let mut child = stage
        .command("logs --follow demo-0")
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().context("the pipe was asked for")?;
    let mut lines = BufReader::new(out).lines();
    ensure!(lines.next().context("the first line")?? == "one");
    stage.write_log("demo-0", "broker", false, "two\n")?;
    ensure!(lines.next().context("the second line")?? == "two");
    // More than one file may come before the follower looks again.
    stage.write_next_log("demo-0", "broker", "three\n")?;
    stage.write_next_log("demo-0", "broker", "four\n")?;
    ensure!(lines.next().context("the third line")?? == "three");
    ensure!(lines.next().context("the fourth line")?? == "four");
    stage.end_logs();
    ensure!(lines.next().is_none(), "the container has ended");
    ensure!(child.wait()?.success());
    Ok(())
}

#[test]
fn what_cannot_be_told_is_told() -> Result<()> {
    let stage = with_pod(&["broker", "exporter"])?;
    stage.write_log("demo-0", "exporter", false, "ours\n")?;
    ensure!(stage.run("logs demo-0 -c exporter")? == "ours\n");
    ensure!(stage.run("logs demo-0 --all-containers=false -c exporter")? == "ours\n");
    let none = stage.refused("logs demo-0 -c nobody")?;
    ensure!(none.contains("nobody"), "{none}");
    let none = stage.refused("logs demo-1")?;
    ensure!(none.contains("pods \"demo-1\" not found"), "{none}");
    Ok(())
}
