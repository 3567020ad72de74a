//! However a fleet ends, nothing of it is left running, and the next one starts.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;
use rustix::process::{Pid, Signal, kill_process};

use crate::kit::{Home, LIMIT, fleet, wait_until_gone};

#[test]
fn brokers_of_a_fleet_that_is_killed_end_and_the_next_fleet_has_their_records() -> Result<()> {
    let home = Home::new()?;
    let path = home.write("fleet.yaml", &fleet("", "  partitions: 1"));
    let mut up = home.up(&["--file", path.to_str().unwrap()])?;
    home.kafka(&["produce", "orders"], "a\nb\n");
    let brokers = home.brokers();
    up.signal(Signal::KILL);
    up.wait()?;
    // Without waiting for them: the next fleet does.
    let up = home.up(&[])?;
    wait_until_gone(&brokers)?;
    let told = up.said.iter().any(|line| line.contains("earlier run"));
    assert!(told, "{:#?}", up.said);
    let all = ["consume", "orders", "--from", "beginning", "--until-end"];
    assert_eq!(home.kafka(&all, ""), "a\nb\n");
    up.interrupt()
}

#[test]
fn a_broker_that_is_killed_is_started_again() -> Result<()> {
    let home = Home::new()?;
    let path = home.write("fleet.yaml", &fleet("", "  partitions: 1"));
    let up = home.up(&["--file", path.to_str().unwrap()])?;
    home.kafka(&["produce", "orders"], "a\n");
    let brokers = home.brokers();
    kill_process(Pid::from_raw(brokers[0]).unwrap(), Signal::KILL)?;
    let all = ["consume", "orders", "--from", "beginning", "--until-end"];
    let read = wait_for("another broker", LIMIT, || {
        home.try_kafka(&all, "").map(Some)
    })?;
    assert_eq!(read, "a\n");
    assert_ne!(home.brokers(), brokers);
    let events = home.api("/api/v1/namespaces/default/events")?;
    let told: BTreeSet<(&str, u64)> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["involvedObject"]["kind"] == "Pod")
        .map(|event| {
            (
                event["reason"].as_str().unwrap(),
                event["count"].as_u64().unwrap(),
            )
        })
        .collect();
    for expected in [("Scheduled", 1), ("Created", 2), ("Started", 2)] {
        assert!(told.contains(&expected), "{expected:?}: {told:?}");
    }
    up.interrupt()
}

#[test]
fn an_interrupt_ends_a_fleet_that_still_reads_its_resources() -> Result<()> {
    let home = Home::new()?;
    let mut child = home
        .command()
        .args(["up", "--file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("the pipe was asked for")?;
    let first = BufReader::new(output).lines().next();
    assert!(first.context("the first step")??.starts_with("opening"));
    kill_process(Pid::from_child(&child), Signal::INT)?;
    let status = wait_for("its end", LIMIT, || Ok(child.try_wait()?))?;
    assert!(!status.success());
    assert!(home.run(&["down"]).stdout.is_empty(), "nothing runs");
    Ok(())
}
