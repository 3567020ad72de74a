//! A fleet's life: started, used, edited, stopped, started again.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::kit::{Home, fleet, lives, wait_until_gone};

fn described(home: &Home) -> Value {
    let text = home.kafka(&["topic", "describe", "orders", "--output", "json"], "");
    serde_json::from_str(&text).unwrap()
}

fn read_by_group(home: &Home, count: &str) -> Vec<String> {
    let arguments = [
        "consume",
        "orders",
        "--group",
        "readers",
        "--from",
        "beginning",
        "--max",
        count,
    ];
    let mut lines: Vec<String> = home
        .kafka(&arguments, "")
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_fleet_is_used_edited_stopped_and_started_again() -> Result<()> {
    let home = Home::new()?;
    let path = home.write("fleet.yaml", &fleet("", "  partitions: 3"));
    let file = path.to_str().unwrap();
    let up = home.up(&["--file", file])?;
    home.kafka(&["produce", "orders"], "a\nb\nc\n");
    assert_eq!(read_by_group(&home, "3"), ["a", "b", "c"]);

    // A topic, while its brokers run.
    let before = home.brokers();
    assert_eq!(before.len(), 1);
    home.write(
        "fleet.yaml",
        &fleet("", "  partitions: 5\n  retention:\n    time: 1d"),
    );
    let applied = home.json(&["apply", "--file", file]);
    let results: Vec<(&Value, &Value)> = applied
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["result"], &row["state"]))
        .collect();
    let ready = json!("ready");
    assert_eq!(
        results,
        [(&json!("unchanged"), &ready), (&json!("changed"), &ready)]
    );
    let topic = described(&home);
    assert_eq!(topic["partitions"].as_array().unwrap().len(), 5, "{topic}");
    assert_eq!(topic["settings"]["retention.ms"], "86400000", "{topic}");
    assert_eq!(home.brokers(), before);

    // A setting that only a restart brings about.
    home.write(
        "fleet.yaml",
        &fleet("  config:\n    num.partitions: 4", "  partitions: 5"),
    );
    home.json(&["apply", "--file", file]);
    let after = home.brokers();
    assert_ne!(after, before);
    wait_until_gone(&before)?;
    home.kafka(&["topic", "create", "made-by-hand"], "");
    let made = home.kafka(&["topic", "describe", "made-by-hand", "-o", "json"], "");
    let made: Value = serde_json::from_str(&made)?;
    assert_eq!(made["partitions"].as_array().unwrap().len(), 4, "{made}");

    // What was written and read is there after everything stopped.
    up.interrupt()?;
    assert!(!lives(after[0]));
    let up = home.up(&[])?;
    home.kafka(&["produce", "orders"], "d\n");
    assert_eq!(read_by_group(&home, "1"), ["d"]);
    let all = ["consume", "orders", "--from", "beginning", "--until-end"];
    assert_eq!(home.kafka(&all, "").lines().count(), 4);
    up.interrupt()
}

#[test]
fn a_detached_fleet_tells_of_itself_and_goes_with_its_data() -> Result<()> {
    let home = Home::new()?;
    let address = home.address.to_string();
    let started = home.run(&["up", "--detach", "--address", &address]);
    let errors = String::from_utf8_lossy(&started.stderr);
    assert!(started.status.success(), "{errors}");
    let screen = String::from_utf8(started.stdout)?;
    for part in [
        home.server(),
        "produce orders".to_owned(),
        "down".to_owned(),
    ] {
        assert!(screen.contains(&part), "{part}: {screen}");
    }
    let status = home.json(&["status"]);
    assert_eq!(status["clusters"][0]["ready"], true, "{status}");
    assert_eq!(
        status["clusters"][0]["listeners"],
        json!([["plain", home.server()]])
    );
    let topics = status["topics"].as_array().unwrap().iter();
    let names: Vec<&str> = topics
        .map(|topic| topic["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["customers", "orders"]);
    let brokers = home.brokers();

    let stopped = home.json(&["down"]);
    assert_eq!(
        (&stopped["stopped"], &stopped["deleted"]),
        (&json!(true), &json!(false))
    );
    assert!(home.data().exists());
    assert!(!lives(brokers[0]));
    assert!(!home.run(&["status"]).status.success());

    home.json(&["down", "--delete-data"]);
    assert!(!home.data().exists());
    let nothing = home.run(&["down", "--delete-data"]);
    assert!(!nothing.status.success());
    Ok(())
}

#[test]
fn a_detached_fleet_reads_its_resources_from_standard_input() -> Result<()> {
    let home = Home::new()?;
    let address = home.address.to_string();
    let mut child = home
        .command()
        .args(["up", "--detach", "--address", &address, "--file", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("the pipe was asked for")?;
    input.write_all(fleet("", "  partitions: 2").as_bytes())?;
    drop(input);
    let output = child.wait_with_output()?;
    assert!(output.status.success());
    let status = home.json(&["status"]);
    assert_eq!(status["topics"][0]["summary"], "2 partitions", "{status}");
    home.json(&["down"]);
    Ok(())
}
