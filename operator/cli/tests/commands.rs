//! The commands, as a user types them, against a running broker: Apache Kafka or Millrace,
//! whatever `MILLRACE_TEST_BOOTSTRAP` names.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

struct Shell {
    bootstrap: String,
}

impl Shell {
    fn open() -> Self {
        let bootstrap = std::env::var("MILLRACE_TEST_BOOTSTRAP").expect("the broker's address");
        Self { bootstrap }
    }

    /// What the command prints as JSON, one value per line.
    fn run(&self, line: &str, input: &str) -> (bool, Vec<Value>) {
        let output = self.start(line, input);
        let text = String::from_utf8(output.stdout).expect("text");
        let values = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        (output.status.success(), values.collect())
    }

    fn start(&self, line: &str, input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_millrace"))
            .args(line.split_whitespace())
            .args(["--output", "json", "--bootstrap-server", &self.bootstrap])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(input.as_bytes()).expect("room");
        drop(stdin);
        child.wait_with_output().expect("the command ends")
    }
}

#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn a_topic_is_made_written_read_and_deleted() {
    let shell = Shell::open();
    let topic = format!("cli-{}", millrace_types::Uuid::random());
    let group = format!("{topic}-group");

    let (ok, made) = shell.run(
        &format!("topic create {topic} -p 1 -c retention.ms=60000"),
        "",
    );
    assert!(ok);
    assert_eq!(made, [json!([{"topic": topic, "result": "created"}])]);
    let (ok, _) = shell.run(&format!("topic create {topic}"), "");
    assert!(!ok);

    let lines = "a:1\nb:2\nc\n";
    let (ok, written) = shell.run(&format!("produce {topic} -k : -H source=test"), lines);
    assert!(ok);
    assert_eq!(
        written,
        [json!([{"topic": topic, "written": 3, "failed": 0}])]
    );

    let (_, described) = shell.run(&format!("topic describe {topic}"), "");
    assert_eq!(described[0]["partitions"][0]["next"], 3);
    assert_eq!(described[0]["settings"]["retention.ms"], "60000");

    let (_, read) = shell.run(&format!("consume {topic} --from beginning --until-end"), "");
    let pairs: Vec<_> = read.iter().map(|r| (&r["key"], &r["value"])).collect();
    let [a, b] = [json!("a"), json!("b")];
    let [one, two, c] = [json!("1"), json!("2"), json!("c")];
    assert_eq!(pairs, [(&a, &one), (&b, &two), (&Value::Null, &c)]);
    assert_eq!(
        read[0]["headers"],
        json!([{"name": "source", "value": "test"}])
    );

    let (_, read) = shell.run(
        &format!("consume {topic} -g {group} --from beginning -m 3"),
        "",
    );
    assert_eq!(read.len(), 3);
    let (_, described) = shell.run(&format!("group describe {group}"), "");
    assert_eq!(described[0][0]["lag"], 0);
    let (ok, moved) = shell.run(&format!("group reset {group} --to 1"), "");
    assert!(ok);
    assert_eq!(moved[0][0]["after"], 1);
    let (_, described) = shell.run(&format!("group describe {group}"), "");
    assert_eq!(described[0][0]["lag"], 2);

    assert!(shell.run(&format!("group delete {group}"), "").0);
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}

#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn a_topic_is_changed_and_listed() {
    let shell = Shell::open();
    let topic = format!("changed-{}", millrace_types::Uuid::random());
    assert!(shell.run(&format!("topic create {topic} -p 1"), "").0);
    let alter = |changes: &str| shell.run(&format!("topic alter {topic} {changes}"), "").0;
    let described = || {
        shell
            .run(&format!("topic describe {topic}"), "")
            .1
            .remove(0)
    };
    assert!(!alter(""), "there is nothing to change");
    assert!(alter("--partitions 9 --dry-run"));
    assert_eq!(described()["partitions"].as_array().map(Vec::len), Some(1));
    assert!(alter(
        "--partitions 3 --set retention.ms=60000 --set flush.messages=1"
    ));
    assert!(alter("--unset flush.messages"));
    assert!(!alter("--partitions 2"), "partitions do not go away");
    assert!(!alter("--set retention.ms=soon"));
    assert_eq!(described()["partitions"].as_array().map(Vec::len), Some(3));
    assert_eq!(described()["settings"], json!({"retention.ms": "60000"}));
    let (_, listed) = shell.run("topic list", "");
    let rows = listed[0].as_array().expect("rows");
    let row = rows.iter().find(|row| row["topic"] == *topic);
    assert_eq!(row.expect("the topic")["partitions"], 3);
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}

#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn reading_begins_where_it_is_told() {
    let shell = Shell::open();
    let topic = format!("places-{}", millrace_types::Uuid::random());
    assert!(shell.run(&format!("topic create {topic} -p 1"), "").0);
    assert!(shell.run(&format!("produce {topic}"), "a\nb\nc\n").0);
    for (from, offsets) in [
        ("beginning", vec![0, 1, 2]),
        ("1", vec![1, 2]),
        ("3", vec![]),
        ("end", vec![]),
        ("1970-01-01T00:00:01Z", vec![0, 1, 2]),
        ("2001-01-31T12:00:00+01:00", vec![0, 1, 2]),
        ("2500-01-01T00:00:00", vec![]),
    ] {
        let line = format!("consume {topic} --from {from} --partition 0 --until-end");
        let (ok, read) = shell.run(&line, "");
        assert!(ok, "{from}");
        let found: Vec<_> = read.iter().map(|record| record["offset"].clone()).collect();
        assert_eq!(found, offsets, "{from}");
    }
    // The moment of a record finds that record or one of the same moment before it.
    let (_, read) = shell.run(&format!("consume {topic} --from 2 -m 1"), "");
    let moment = read[0]["timestamp"].as_i64().expect("a timestamp");
    let from = jiff::Timestamp::from_millisecond(moment).expect("a time");
    let (_, read) = shell.run(&format!("consume {topic} --from {from} --until-end"), "");
    assert!(read.iter().all(|record| record["timestamp"] == moment));
    assert_eq!(read.last().expect("a record")["offset"], 2);
    assert!(!shell.run(&format!("consume {topic} --from noon"), "").0);
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}

#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn people_get_tables_and_on_a_terminal_a_bar() {
    let shell = Shell::open();
    let topic = format!("shown-{}", millrace_types::Uuid::random());
    assert!(shell.run(&format!("topic create {topic} -p 1"), "").0);
    let line = format!(
        "{} --bootstrap-server {} bench produce {topic} -r 2000",
        env!("CARGO_BIN_EXE_millrace"),
        shell.bootstrap
    );
    let ran = |command: &mut Command| {
        let output = command.stdin(Stdio::null()).output().expect("it starts");
        assert!(output.status.success());
        let all = [output.stdout, output.stderr].concat();
        String::from_utf8(all).expect("text")
    };
    let piped = ran(Command::new("sh").args(["-c", &line]));
    let on_a_terminal = ran(Command::new("script").args(["-qec", &line, "/dev/null"]));
    for text in [&piped, &on_a_terminal] {
        assert!(text.contains("RECORDS"), "{text}");
    }
    assert!(!piped.contains("/2000"), "{piped}");
    assert!(on_a_terminal.contains("/2000"), "{on_a_terminal}");
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}

#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn measurements_count_what_was_written_and_read() {
    let shell = Shell::open();
    let topic = format!("bench-{}", millrace_types::Uuid::random());
    assert!(shell.run(&format!("topic create {topic} -p 2"), "").0);
    let (ok, written) = shell.run(&format!("bench produce {topic} -r 5000 -s 50"), "");
    assert!(ok);
    assert_eq!(written[0][0]["records"], 5000);
    let (_, read) = shell.run(&format!("bench consume {topic} -r 5000"), "");
    assert_eq!(read[0][0]["records"], 5000);
    let (_, timed) = shell.run(&format!("bench latency {topic} -r 20"), "");
    assert_eq!(timed[0].as_array().map(Vec::len), Some(2));
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}

/// Whoever asked for two of five records had committed all five.
#[test]
#[ignore = "needs a running broker: `tests/run live`"]
fn a_group_reads_on_after_what_was_shown() {
    let shell = Shell::open();
    let topic = format!("rest-{}", millrace_types::Uuid::random());
    assert!(shell.run(&format!("topic create {topic} -p 1"), "").0);
    assert!(shell.run(&format!("produce {topic}"), "a\nb\nc\nd\ne\n").0);
    let line = format!("consume {topic} -g {topic} --from beginning");
    for (count, expected) in [(2, vec![0, 1]), (3, vec![2, 3, 4])] {
        let (_, read) = shell.run(&format!("{line} -m {count}"), "");
        let found: Vec<_> = read.iter().map(|record| record["offset"].clone()).collect();
        assert_eq!(found, expected);
    }
    assert!(shell.run(&format!("group delete {topic}"), "").0);
    assert!(shell.run(&format!("topic delete {topic}"), "").0);
}
