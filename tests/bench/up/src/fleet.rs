//! A fleet as its user has it: every step is a command of the program `millrace`, a process of its own.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use millrace_bench_shared::{clock, usage};
use serde_json::Value;

const TOPIC: &str = "orders";
/// Of the addresses that only this machine has, one that nobody uses by habit: the usual ports are free there.
const ADDRESSES: [u8; 2] = [127, 60];
const BYTES_PER_MEBIBYTE: f64 = 1024.0 * 1024.0;

pub(crate) struct Fleet {
    program: PathBuf,
    data: PathBuf,
    address: Ipv4Addr,
    /// Records that it holds.
    written: u64,
}

/// Seconds from the beginning of `up` until something was there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) up: f64,
    pub(crate) produced: f64,
    pub(crate) consumed: f64,
}

/// Mebibytes of the process of `up`, and of its brokers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) resident: [f64; 2],
    /// What both share counts to each of them by half.
    pub(crate) proportional: [f64; 2],
}

impl Fleet {
    /// None that runs yet, in a place where there is nothing.
    pub(crate) fn new(program: &Path, data: &Path) -> Result<Self> {
        ensure!(!data.exists(), "{} is there already", data.display());
        let [.., high, low] = std::process::id().to_be_bytes();
        Ok(Self {
            program: program.to_owned(),
            data: data.to_owned(),
            address: Ipv4Addr::new(ADDRESSES[0], ADDRESSES[1], high, low.clamp(1, 254)),
            written: 0,
        })
    }

    /// Starts it, of a file or of what it kept, and has a record written and read.
    pub(crate) fn start(&mut self, file: Option<&Path>) -> Result<Start> {
        let record = format!("record {}", self.written);
        self.written += 1;
        let count = self.written.to_string();
        let address = self.address.to_string();
        let mut up = self.command(&["up", "--detach", "--address", &address]);
        if let Some(file) = file {
            up.arg("--file").arg(file);
        }
        let began = clock::now();
        answer(&mut up, "")?;
        let up = began.elapsed().as_secs_f64();
        answer(&mut self.command(&["produce", TOPIC]), &record)?;
        let produced = began.elapsed().as_secs_f64();
        let all = ["consume", TOPIC, "--from", "beginning", "--max", &count];
        let read = answer(&mut self.command(&all), "")?;
        let consumed = began.elapsed().as_secs_f64();
        let is_read = read.lines().any(|line| line == record);
        ensure!(is_read, "{record} was written, but read was: {read}");
        Ok(Start {
            up,
            produced,
            consumed,
        })
    }

    /// Writes records as fast as it takes them.
    pub(crate) fn load(&mut self, records: u64) -> Result<()> {
        let count = records.to_string();
        answer(
            &mut self.command(&["bench", "produce", TOPIC, "--records", &count]),
            "",
        )?;
        self.written += records;
        Ok(())
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = answer(&mut self.command(&["status", "--output", "json"]), "")?;
        let status: Value = serde_json::from_str(&status)?;
        let pid = status["pid"].as_u64().context("the fleet has no process")?;
        let fleet = u32::try_from(pid)?;
        let brokers = usage::children(fleet);
        ensure!(brokers.len() == 1, "{} brokers run", brokers.len());
        let of = |bytes: fn(u32) -> Result<f64>| -> Result<[f64; 2]> {
            Ok([bytes(fleet)?, bytes(brokers[0])?].map(|bytes| bytes / BYTES_PER_MEBIBYTE))
        };
        Ok(Memory {
            resident: of(usage::resident)?,
            proportional: of(usage::proportional)?,
        })
    }

    /// Stops it; what it holds stays.
    pub(crate) fn stop(&self) -> Result<()> {
        answer(&mut self.command(&["down"]), "").map(drop)
    }

    /// Stops it, and deletes what it holds.
    pub(crate) fn delete(self) -> Result<()> {
        answer(&mut self.command(&["down", "--delete-data"]), "").map(drop)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_remove("RUST_LOG")
            .env("MILLRACE_DATA_DIR", &self.data)
            .env(
                "MILLRACE_BOOTSTRAP_SERVER",
                format!("{}:9092", self.address),
            );
        command
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // After a failure it may run; otherwise there is nothing to stop any more.
        let _stopped = self.command(&["down"]).output();
    }
}

/// What a command says that is given this input.
fn answer(command: &mut Command, input: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    // Its end tells the command that there is no more.
    let mut stdin = child.stdin.take().context("no input")?;
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
