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
