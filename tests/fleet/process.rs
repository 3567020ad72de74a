//! How the broker's process starts, says what is wrong with its settings, and ends.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::broker::Broker;
use millrace_tests::deadline::wait_for;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);
const EXIT_CONFIG: i32 = 2;

/// What a node of a file has to say of itself.
fn node() -> Properties {
    Properties::default()
        .with("node.id", 1)
        .with("process.roles", "broker,controller")
        .with("controller.listener.names", "CONTROLLER")
        .with(
            "listeners",
            "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
        )
}

/// Runs a broker that is expected to end by itself.
fn run(properties: &Properties) -> Result<Output> {
    let home = TempDir::new()?;
    let file = home.path().join("server.properties");
    let data = Properties::default().with("log.dirs", home.path().join("data").display());
    fs::write(&file, data.overlaid_by(properties).to_string())?;
    finish(Target::Millrace.command(&file, home.path())?)
}

pub(crate) fn finish(mut command: Command) -> Result<Output> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let ended = wait_for("the broker to end by itself", LIMIT, || {
        Ok(child.try_wait()?)
    });
    if ended.is_err() {
        child.kill()?;
    }
    let output = child.wait_with_output()?;
    ended.with_context(|| said(&output))?;
    Ok(output)
}

pub(crate) fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_terminated_broker_ends_well_and_starts_again() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    for _ in 0..2 {
        assert!(broker.terminate()?.success(), "{}", broker.log_tail());
        broker.resume()?;
    }
    Ok(())
}

#[test]
fn wrong_settings_are_all_named_at_once_with_their_place() -> Result<()> {
    let home = TempDir::new()?;
    let file = home.path().join("server.properties");
    fs::write(
        &file,
        "# two of three\nlog.retention.ms=soon\n\nnum.partitions=0\n",
    )?;
    let mut command = Target::Millrace.command(&file, home.path())?;
    command.args(["--set", "num.io.threads=-1"]);
    let output = finish(command)?;
    let text = said(&output);
    assert_eq!(output.status.code(), Some(EXIT_CONFIG), "{text}");
    let place = |line: u32, setting: &str| format!("{}:{line}: {setting}", file.display());
    for expected in [
        place(2, "log.retention.ms=soon"),
        place(4, "num.partitions=0"),
        "num.io.threads=-1".to_owned(),
    ] {
        assert!(text.contains(&expected), "{expected} in {text}");
    }
    Ok(())
}

#[test]
fn an_unknown_setting_is_a_warning_with_the_nearest_known_one() -> Result<()> {
    let properties = Properties::default().with("num.partition", 3);
    let broker = Broker::start(Target::Millrace, &properties)?;
    let log = broker.log()?;
    let told = log.lines().find(|line| line.contains("num.partition;"));
    let told = told.with_context(|| log.clone())?;
    assert!(told.contains("WARN"), "{told}");
    assert!(told.contains("num.partitions"), "{told}");
    Ok(())
}

/// What pods need: addresses from the environment, passwords from mounted files.
#[test]
fn settings_come_from_the_environment_and_from_files() -> Result<()> {
    let home = TempDir::new()?;
    let place = home.path().display();
    fs::write(home.path().join("rack"), "north")?;
    fs::write(home.path().join("more.properties"), "count=7\n")?;
    let file = home.path().join("server.properties");
    let settings = node()
        .with("config.providers", "env,file,directory")
        .with(
            "advertised.listeners",
            "PLAINTEXT://${env:MILLRACE_TEST_HOST}:9092",
        )
        .with(
            "num.partitions",
            format!("${{file:{place}/more.properties:count}}"),
        )
        .with("broker.rack", format!("${{directory:{place}:rack}}"));
    fs::write(&file, settings.to_string())?;
    let mut command = Target::Millrace.command(&file, home.path())?;
    command.args(["--print-config", "--set", "log.retention.hours=1"]);
    let without = said(&finish(command)?);
    assert!(
        without.contains("MILLRACE_TEST_HOST is not set"),
        "{without}"
    );
    let mut command = Target::Millrace.command(&file, home.path())?;
    command.args(["--print-config", "--set", "log.retention.hours=1"]);
    command.env("MILLRACE_TEST_HOST", "10.0.0.7");
    let output = finish(command)?;
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for expected in [
        "\nadvertised.listeners=PLAINTEXT://10.0.0.7:9092\n",
        "\nnum.partitions=7\n",
        "\nbroker.rack=north\n",
        "\nlog.retention.hours=1\n",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    Ok(())
}

#[test]
fn logs_are_json_for_programs() -> Result<()> {
    let home = TempDir::new()?;
    let file = home.path().join("server.properties");
    let settings = node()
        .with("log.dirs", "/dev/null/nowhere")
        .with("some.thing", 1);
    fs::write(&file, settings.to_string())?;
    let mut command = Target::Millrace.command(&file, home.path())?;
    command.args(["--log-format", "json"]);
    let output = finish(command)?;
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr)?;
    let first = text.lines().next().context("a line")?;
    let line: serde_json::Value = serde_json::from_str(first)?;
    assert_eq!(line["level"], "WARN", "{first}");
    Ok(())
}

#[test]
fn a_port_in_use_is_named() -> Result<()> {
    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port();
    let listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:0");
    let properties = node()
        .with("millrace.metrics.listener", "")
        .with("listeners", listeners);
    let output = run(&properties)?;
    assert!(!output.status.success());
    assert!(
        said(&output).contains(&port.to_string()),
        "{}",
        said(&output)
    );
    Ok(())
}

#[test]
fn a_directory_belongs_to_one_broker() -> Result<()> {
    let first = Broker::start(Target::Millrace, &Properties::default())?;
    let home = TempDir::new()?;
    let output = finish(Target::Millrace.command(&first.properties_path(), home.path())?)?;
    assert!(!output.status.success());
    let text = said(&output);
    assert!(
        text.contains(&first.data_directory().display().to_string()),
        "{text}"
    );
    Ok(())
}

#[test]
fn health_and_metrics_are_told_over_http() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    for path in ["/healthz", "/readyz", "/metrics"] {
        wait_for(path, LIMIT, || {
            let answer = get(broker.http_address(), path)?;
            Ok(answer.starts_with("HTTP/1.1 200").then_some(()))
        })?;
    }
    Ok(())
}

/// Two brokers on one machine, none of which says where its metrics are to be.
#[test]
fn a_taken_port_for_metrics_that_nobody_asked_for_is_no_error() -> Result<()> {
    // Whoever has it already serves the purpose as well.
    let _taken = TcpListener::bind(("127.0.0.1", 9404));
    let home = TempDir::new()?;
    let file = home.path().join("server.properties");
    let properties = Properties::default()
        .with("node.id", 1)
        .with("process.roles", "broker,controller")
        .with("listeners", "PLAINTEXT://127.0.0.1:0")
        .with("log.dirs", home.path().join("data").display());
    fs::write(&file, properties.to_string())?;
    let log = home.path().join("log");
    let mut child = Target::Millrace
        .command(&file, home.path())?
        .stderr(File::create(&log)?)
        .spawn()?;
    let served = wait_for("metrics on another port", LIMIT, || {
        let text = fs::read_to_string(&log)?;
        let line = text
            .lines()
            .find(|line| line.contains("metrics and health"));
        let address = line.and_then(|line| line.split("127.0.0.1:").nth(1));
        let digits = address.map(|rest| rest.chars().take_while(char::is_ascii_digit));
        let Some(port) = digits.and_then(|digits| digits.collect::<String>().parse().ok()) else {
            return Ok(None);
        };
        anyhow::ensure!(port != 9404_u16, "the port was free");
        let answer = get(SocketAddr::from(([127, 0, 0, 1], port)), "/healthz")?;
        Ok(answer.starts_with("HTTP/1.1 200").then_some(()))
    });
    child.kill()?;
    child.wait()?;
    served.with_context(|| fs::read_to_string(&log).unwrap_or_default())
}
