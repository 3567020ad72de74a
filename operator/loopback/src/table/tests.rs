//! Rows of objects, one line each: what is checked against a real API server elsewhere is kept here.

use jiff::Timestamp;
use millrace_local::kinds;
use serde_json::{Value, json};

use super::*;

/// The cells of one object, parted by bars.
fn row(kind: &str, mut object: Value) -> String {
    let kind = kinds().iter().find(|known| known.kind == kind).unwrap();
    let metadata = &mut object["metadata"];
    if metadata["name"].is_null() {
        metadata["name"] = "x".into();
    }
    metadata["creationTimestamp"] = "2026-01-01T00:00:00Z".into();
    let now: Timestamp = "2026-01-01T01:00:00Z".parse().unwrap();
    let table = Table::new(kind, Include::Nothing).of(&object, now);
    let cells = table["rows"][0]["cells"].as_array().unwrap();
    assert_eq!(
        cells.len(),
        table["columnDefinitions"].as_array().unwrap().len()
    );
    let shown = cells.iter().map(|cell| match cell {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    shown.collect::<Vec<_>>().join("|")
}

#[test]
fn every_kind_of_an_empty_object_has_a_row() {
    for kind in kinds() {
        let row = row(kind.kind, json!({"metadata": {}}));
        assert!(row.contains('x'), "{}: {row}", kind.kind);
    }
}

#[test]
fn definitions_say_their_columns() {
    let topic = json!({"spec": {"clusterRef": {"name": "demo"}},
        "status": {"partitions": 3, "replicas": "three", "topicName": "t",
            "conditions": [{"type": "Other", "status": "False"},
                {"type": "Ready", "status": "True", "reason": "Created"}]}});
    // What is not of its column's type is left out.
    assert_eq!(row("KafkaTopic", topic), "x|demo|3|null|True|Created|60m|t");
    assert_eq!(
        row("KafkaTopic", json!({})),
        "x|null|null|null|null|null|60m|null"
    );
}

#[test]
fn pods_are_drawn_together() {
    let one = |status: Value| json!({"spec": {"containers": [{"name": "a"}]}, "status": status});
    let with = |state: Value| {
        one(
            json!({"phase": "Running", "containerStatuses": [{"name": "a", "restartCount": 2, "state": state,
            "lastState": {"terminated": {"finishedAt": "2026-01-01T00:55:00Z"}}}]}),
        )
    };
    let cases = [
        (one(json!({"phase": "Pending"})), "x|0/1|Pending|0|60m"),
        (
            one(json!({"phase": "Failed", "reason": "Evicted"})),
            "x|0/1|Evicted|0|60m",
        ),
        (
            with(json!({"waiting": {"reason": "CrashLoopBackOff"}})),
            "x|0/1|CrashLoopBackOff|2 (5m ago)|60m",
        ),
        (
            with(json!({"terminated": {"exitCode": 3}})),
            "x|0/1|ExitCode:3|2 (5m ago)|60m",
        ),
        (
            with(json!({"terminated": {"signal": 9}})),
            "x|0/1|Signal:9|2 (5m ago)|60m",
        ),
        (with(json!({"running": {}})), "x|0/1|Running|2 (5m ago)|60m"),
    ];
    for (pod, expected) in cases {
        let row = row("Pod", pod);
        assert!(row.starts_with(expected), "{row} is not {expected}");
    }
    let mut leaving = one(json!({"phase": "Running"}));
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
    assert!(row("Pod", leaving).starts_with("x|0/1|Terminating"));
}
