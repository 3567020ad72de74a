//! One broker process on data of its own: started, watched, stopped, killed, started again.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::deadline::wait_for;
use crate::ports::Ports;
use crate::probe;
use crate::properties::Properties;
use crate::target::Target;

/// A JVM on a busy machine needs most of it; Millrace needs none of it.
const READY_LIMIT: Duration = Duration::from_secs(90);
const STOP_LIMIT: Duration = Duration::from_secs(45);

/// What a failed test prints of a broker's log.
const LOG_TAIL_BYTES: u64 = 8 * 1024;

const DATA: &str = "data";

pub struct Broker {
    target: Target,
    home: TempDir,
    ports: Ports,
    child: Option<Child>,
    /// How many files the process may have open; `None` leaves it to the system.
    open_files: Option<u32>,
}

impl Broker {
    /// Starts a broker on an empty data directory and waits until it answers.
    ///
    /// `overrides` win over what the harness sets for fast and small tests.
    pub fn start(target: Target, overrides: &Properties) -> Result<Self> {
        Self::start_confined(target, overrides, None)
    }

    /// Starts a broker that may have so many files open and no more.
    pub fn start_confined(
        target: Target,
        overrides: &Properties,
        open_files: Option<u32>,
    ) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("millrace-test-")
            .tempdir()?;
        let ports = Ports::free()?;
        let properties = defaults(ports, &home.path().join(DATA))
            .overlaid_by(&target.own_properties(ports))
            .overlaid_by(overrides);
        let mut broker = Self {
            target,
            home,
            ports,
            child: None,
            open_files,
        };
        fs::write(broker.properties_path(), properties.to_string())?;
        broker
            .target
            .prepare(&broker.properties_path(), broker.home.path())?;
        broker.resume()?;
        Ok(broker)
    }

    /// Starts the process again on the data it left.
    pub fn resume(&mut self) -> Result<()> {
        if self.child.is_some() {
            bail!("the broker at {} is running", self.address());
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let command = self
            .target
            .command(&self.properties_path(), self.home.path())?;
        let child = confined(command, self.open_files)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("the {:?} broker does not start", self.target))?;
        self.child = Some(child);
        self.wait_until_ready().with_context(|| self.log_tail())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let address = self.address();
        let child = self.child.as_mut().context("no process")?;
        let exited = wait_for("the broker to answer", READY_LIMIT, || {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(Some(status)));
            }
            probe::api_versions(address).map(|()| Some(None))
        })?;
        match exited {
            Some(status) => bail!("the broker ended before it answered: {status}"),
            None => Ok(()),
        }
    }

    /// Asks the process to end (SIGTERM) and waits until it has.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        let mut child = self.child.take().context("the broker is not running")?;
        kill_process(Pid::from_child(&child), Signal::TERM)?;
        let ended = wait_for("the broker to stop", STOP_LIMIT, || Ok(child.try_wait()?));
        if ended.is_err() {
            child.kill()?;
            child.wait()?;
        }
        ended.with_context(|| self.log_tail())
    }

    /// Ends the process without a word (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the broker is not running")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// `host:port` that clients bootstrap from.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.clients))
    }

    /// Where Millrace tells its metrics and its health.
    pub fn http_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.http))
    }

    /// The process, while there is one.
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// What the broker was started with.
    pub fn properties_path(&self) -> PathBuf {
        self.home.path().join("server.properties")
    }

    /// Where the broker keeps its partitions.
    pub fn data_directory(&self) -> PathBuf {
        self.home.path().join(DATA)
    }

    /// The end of everything the process wrote since its first start.
    pub fn log_tail(&self) -> String {
        let tail = read_tail(&self.log_path())
            .unwrap_or_else(|error| format!("the log is not readable: {error}"));
        format!(
            "log of the {:?} broker at {}:\n{tail}",
            self.target,
            self.address()
        )
    }

    /// Everything the process wrote since its first start.
    pub fn log(&self) -> Result<String> {
        fs::read_to_string(self.log_path()).context("the log is not readable")
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("broker.log")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing useful is left to be done about a process that will not be killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The same command below a limit on open files, as the same process.
fn confined(command: Command, open_files: Option<u32>) -> Command {
    let Some(open_files) = open_files else {
        return command;
    };
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("ulimit -n {open_files} && exec \"$@\""))
        .arg("sh")
        .arg(command.get_program())
        .args(command.get_args());
    shell
}

fn read_tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A fleet of one that does at once what a real one does within minutes.
fn defaults(ports: Ports, data: &Path) -> Properties {
    let clients = format!("PLAINTEXT://127.0.0.1:{}", ports.clients);
    Properties::default()
        .with("node.id", 1)
        .with("process.roles", "broker,controller")
        .with(
            "listeners",
            format!("{clients},CONTROLLER://127.0.0.1:{}", ports.controller),
        )
        .with("advertised.listeners", clients)
        .with("controller.listener.names", "CONTROLLER")
        .with("log.dirs", data.display())
        .with("num.partitions", 1)
        .with("default.replication.factor", 1)
        .with("offsets.topic.replication.factor", 1)
        .with("offsets.topic.num.partitions", 4)
        .with("group.initial.rebalance.delay.ms", 0)
        .with("group.min.session.timeout.ms", 1000)
        .with("log.retention.check.interval.ms", 500)
        .with("log.cleaner.backoff.ms", 200)
}
