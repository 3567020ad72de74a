//! What the operator renders, judged by the real broker: every golden `server.properties` is read
//! as it was meant, and a broker waits for the facts that its pod is told late.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use millrace_tests::deadline::wait_for;
use millrace_tests::target::Target;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);

/// Where a pod finds its own facts.
const FACTS: &str = "/etc/millrace-pod";
const RACK: &str = "zone-a";

/// Scenarios that ask for more than this version of the broker serves.
const NOT_SERVED: &[&str] = &["pools"];

/// `golden/SCENARIO/POD.properties`.
fn golden() -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../operator/render/tests/golden");
    let mut files = Vec::new();
    for scenario in fs::read_dir(&root).with_context(|| root.display().to_string())? {
        for file in fs::read_dir(scenario?.path())? {
            let path = file?.path();
            if path
                .extension()
                .is_some_and(|ending| ending == "properties")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The broker's command with the pod's environment, and its facts in `home`.
fn broker(properties: &Path, home: &Path, host_ip: &str) -> Result<Command> {
    let facts = home.join("facts");
    fs::create_dir_all(&facts)?;
    fs::write(facts.join("rack"), RACK)?;
    let text = fs::read_to_string(properties)?;
    let own = home.join("server.properties");
    fs::write(&own, text.replace(FACTS, &facts.display().to_string()))?;
    let mut command = Target::Millrace.command(&own, home)?;
    command
        .arg("--print-config")
        .env("HOST_IP", host_ip)
        .env("MILLRACE_POD_IP", "127.0.0.1")
        .env("MILLRACE_DATA_DIRECTORY", home)
        .env("SECRET", "s")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// What the file says that the broker must print as it stands: no comment, reference or secret.
fn plain(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.contains("${") && !line.contains(".secret."))
}

fn check_read(file: &Path, output: &Output, host: &str) -> Result<()> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", file.display());
    let text = fs::read_to_string(file)?;
    let printed = lines(&output.stdout);
    for line in plain(&text) {
        assert!(
            printed.iter().any(|one| one == line),
            "{}: {line} not in {printed:#?}",
            file.display()
        );
    }
    let value = |key: &str| {
        let line = printed
            .iter()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_default().to_owned()
    };
    let advertised = value("advertised.listeners");
    assert!(!advertised.contains("${"), "{advertised}");
    assert_eq!(
        text.contains("${env:HOST_IP}"),
        advertised.contains(&format!("[{host}]:3")),
        "{advertised}"
    );
    let racked = text.contains("broker.rack=");
    assert_eq!(value("broker.rack"), if racked { RACK } else { "" });
    Ok(())
}

#[test]
fn the_broker_reads_every_golden_file_as_it_is_meant() -> Result<()> {
    let files = golden()?;
    assert!(!files.is_empty());
    for file in files {
        let scenario = file.parent().and_then(Path::file_name).unwrap_or_default();
        let served = !NOT_SERVED.iter().any(|one| scenario == *one);
        for host in ["10.0.0.7", "fd00::7"] {
            let home = TempDir::new()?;
            let output = broker(&file, home.path(), host)?.output()?;
            if served {
                check_read(&file, &output, host)?;
                continue;
            }
            let complaints = lines(&output.stderr);
            let other = complaints
                .iter()
                .skip(1)
                .find(|line| !line.contains("is not served"));
            assert_eq!(other, None, "{}", file.display());
        }
    }
    Ok(())
}

/// A broker that waits for a file, when it has said so.
fn waiting(home: &Path) -> Result<Child> {
    let file = golden()?
        .into_iter()
        .find(|file| file.ends_with("rack/zoned-all-0.properties"));
    let mut command = broker(&file.context("no scenario with racks")?, home, "10.0.0.7")?;
    command.arg("--await-file").arg(home.join("late"));
    let mut child = command.spawn()?;
    let mut said = String::new();
    let errors = child.stderr.take().context("no standard error")?;
    BufReader::new(errors).read_line(&mut said)?;
    assert!(
        said.contains("waiting for") && said.contains("late"),
        "{said}"
    );
    Ok(child)
}

#[test]
fn a_broker_goes_on_when_the_file_that_it_waits_for_has_content() -> Result<()> {
    let home = TempDir::new()?;
    let mut child = waiting(home.path())?;
    fs::write(home.path().join("late"), "")?;
    assert_eq!(child.try_wait()?, None);
    fs::write(home.path().join("late"), "x")?;
    let status = wait_for("the broker to go on", LIMIT, || Ok(child.try_wait()?))?;
    assert!(status.success(), "{status}");
    Ok(())
}

#[test]
fn a_broker_that_waits_for_a_file_can_be_stopped() -> Result<()> {
    let home = TempDir::new()?;
    let mut child = waiting(home.path())?;
    kill_process(Pid::from_child(&child), Signal::TERM)?;
    let status = wait_for("the broker to stop", LIMIT, || Ok(child.try_wait()?))?;
    assert!(status.success(), "{status}");
    Ok(())
}
