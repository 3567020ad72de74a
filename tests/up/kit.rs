//! A fleet of one test: its own directory, its own loopback address, and the program beside the tests.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_tests::built::program_or;
use millrace_tests::deadline::wait_for;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Names the program that is tested in place of the one of the same build.
const PROGRAM: &str = "MILLRACE_BIN";

/// A debug build on a busy machine takes seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The line that says that everything is ready.
const READY: &str = "Millrace is up.";

static NEXT: AtomicU8 = AtomicU8::new(1);

pub(crate) struct Home {
    root: TempDir,
    pub(crate) address: Ipv4Addr,
}

/// A fleet in the foreground.
pub(crate) struct Up {
    child: Child,
    /// Everything that it said until it was ready.
    pub(crate) said: Vec<String>,
}

impl Home {
    pub(crate) fn new() -> Result<Self> {
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let mine = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            root: tempfile::Builder::new().prefix("millrace-up-").tempdir()?,
            address: Ipv4Addr::new(127, 64 + mine, high, low.clamp(1, 254)),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn server(&self) -> String {
        format!("{}:9092", self.address)
    }

    /// The program, in this directory and with nothing of the user's.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program_or(PROGRAM, "millrace").unwrap());
        command
            .current_dir(self.root.path())
            .env_remove("MILLRACE_BOOTSTRAP_SERVER")
            .env_remove("RUST_LOG")
            .env("HOME", self.root.path())
            .env("XDG_DATA_HOME", self.root.path())
            .env("MILLRACE_DATA_DIR", self.data());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What a command answers, as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--output", "json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command that talks to the brokers says.
    pub(crate) fn kafka(&self, arguments: &[&str], input: &str) -> String {
        self.try_kafka(arguments, input).unwrap()
    }

    pub(crate) fn try_kafka(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut child = self
            .command()
            .args(arguments)
            .args(["--bootstrap-server", &self.server()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {errors}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A fleet that is ready, in the foreground.
    pub(crate) fn up(&self, arguments: &[&str]) -> Result<Up> {
        let address = self.address.to_string();
        let mut child = self
            .command()
            .args(["up", "--address", &address])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = Vec::new();
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        // A fleet that does not become ready says why and ends, and with it its output.
        for line in &mut lines {
            let line = line?;
            let ready = line == READY;
            said.push(line);
            if ready {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        let ready = said.last().is_some_and(|line| line == READY);
        if !ready {
            let output = child.wait_with_output()?;
            ensure!(
                ready,
                "{said:#?} {}",
                String::from_utf8_lossy(&output.stderr)
            );
            unreachable!("it is not ready");
        }
        Ok(Up { child, said })
    }

    /// What the API answers, as `kubectl` would have it.
    pub(crate) fn api(&self, path: &str) -> Result<Value> {
        let status = self.json(&["status"]);
        let address = status["api"].as_str().context("an address")?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        // The answer ends with the connection.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("no body")?;
        serde_json::from_str(body).with_context(|| answer.clone())
    }

    /// Processes of brokers of the fleet that runs.
    pub(crate) fn brokers(&self) -> Vec<i32> {
        let fleet = self.json(&["status"])["pid"].as_i64().unwrap();
        children_of(fleet)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A test that fails leaves a fleet behind; one that passes has stopped its own.
        let _stopped = self.command().arg("down").output();
    }
}

impl Up {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        wait_for("the fleet to end", LIMIT, || Ok(self.child.try_wait()?))
    }

    /// As Ctrl-C does it.
    pub(crate) fn interrupt(mut self) -> Result<()> {
        self.signal(Signal::INT);
        let status = self.wait()?;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // What it started notices by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

pub(crate) fn lives(pid: i32) -> bool {
    let zombie = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .unwrap_or_default()
            .trim()
            .starts_with('Z')
    };
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() && !zombie()
}

pub(crate) fn wait_until_gone(pids: &[i32]) -> Result<()> {
    wait_for("brokers to end", LIMIT, || {
        Ok(pids.iter().all(|pid| !lives(*pid)).then_some(()))
    })
}

fn children_of(parent: i64) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let children = processes.filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name, which may hold anything: state, parent.
        let parent_of: i64 = stat
            .rsplit(')')
            .next()?
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()?;
        (parent_of == parent).then_some(pid)
    });
    children.collect()
}

/// A cluster and a topic, with what a test wants of their specs.
pub(crate) fn fleet(config: &str, topic: &str) -> String {
    format!(
        "\
apiVersion: millrace.dev/v1alpha1
kind: KafkaCluster
metadata:
  name: demo
spec:
  nodePools:
    - name: main
      replicas: 1
      storage:
        persistent:
          size: 1Gi
{config}
---
apiVersion: millrace.dev/v1alpha1
kind: KafkaTopic
metadata:
  name: orders
spec:
  clusterRef:
    name: demo
{topic}
"
    )
}
