//! What is measured: a broker of either kind, or a sink, as a process with data of its own.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_bench_shared::{clock, usage};
use millrace_tests::ports::free_port;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::admin;

/// Opening ten thousand partitions may take the slower one this long.
const START_LIMIT: Duration = Duration::from_secs(240);
/// Closing ten thousand logs makes each durable, one after the other.
const STOP_LIMIT: Duration = Duration::from_secs(300);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What Kafka's own start script gives its JVM.
const KAFKA_JVM: [&str; 7] = [
    "-Xms1G",
    "-Xmx1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Millrace,
    /// Another build of it, that `MILLRACE_BENCH_EARLIER` names.
    Earlier,
    Kafka,
    /// Writes what it reads to one file.
    FileSink,
    /// Only reads.
    ReadSink,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Millrace, Self::Kafka, Self::FileSink, Self::ReadSink];
    pub(crate) const BROKERS: [Self; 2] = [Self::Millrace, Self::Kafka];
    /// What shows whether a change of the broker's code was a gain.
    pub(crate) const BUILDS: [Self; 3] = [Self::Millrace, Self::Earlier, Self::FileSink];

    pub(crate) fn is_broker(self) -> bool {
        matches!(self, Self::Millrace | Self::Earlier | Self::Kafka)
    }
}

pub(crate) struct Subject {
    kind: Kind,
    home: TempDir,
    address: SocketAddr,
    child: Option<Child>,
}

impl Subject {
    /// Starts it on an empty directory and waits until it answers.
    pub(crate) fn start(kind: Kind) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("millrace-bench-")
            .tempdir()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut subject = Self {
            kind,
            home,
            address,
            child: None,
        };
        if kind.is_broker() {
            subject.write_properties()?;
        }
        subject.resume()?;
        Ok(subject)
    }

    /// Starts it again on what it left; returns how long the first answer took.
    pub(crate) fn resume(&mut self) -> Result<Duration> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.home.path().join("log"))?;
        let mut command = self.command()?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let began = clock::now();
        self.child = Some(
            command
                .spawn()
                .with_context(|| format!("{:?} does not start", self.kind))?,
        );
        while !self.answers() {
            ensure!(
                began.elapsed() < START_LIMIT,
                "{:?} does not answer",
                self.kind
            );
            let child = self.child.as_mut().context("it runs")?;
            if let Some(status) = child.try_wait()? {
                let log = fs::read_to_string(self.home.path().join("log"))?;
                anyhow::bail!("{:?} ended: {status}\n{log}", self.kind);
            }
            clock::pause(LOOK_AGAIN);
        }
        Ok(began.elapsed())
    }

    fn answers(&self) -> bool {
        if self.kind.is_broker() {
            admin::metadata(self.address).is_ok()
        } else {
            std::net::TcpStream::connect(self.address).is_ok()
        }
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        kill_process(Pid::from_child(&child), Signal::TERM)?;
        let began = clock::now();
        while child.try_wait()?.is_none() {
            if began.elapsed() > STOP_LIMIT {
                child.kill()?;
            }
            clock::pause(LOOK_AGAIN);
        }
        Ok(())
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it used up to now.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        usage::cpu_seconds(self.pid()?)
    }

    pub(crate) fn rss_megabytes(&self) -> Result<f64> {
        Ok(usage::resident(self.pid()?)? / 1e6)
    }

    fn pid(&self) -> Result<u32> {
        Ok(self.child.as_ref().context("it does not run")?.id())
    }

    fn command(&self) -> Result<Command> {
        let home = self.home.path();
        let port = self.address.port().to_string();
        let properties = home.join("server.properties");
        let sink = || -> Result<Command> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["sink", &port]);
            Ok(command)
        };
        Ok(match self.kind {
            Kind::Millrace => Target::Millrace.command(&properties, home)?,
            Kind::Earlier => {
                let program = std::env::var("MILLRACE_BENCH_EARLIER")
                    .context("MILLRACE_BENCH_EARLIER names the other build")?;
                let mut command = Command::new(program);
                command.arg("--config").arg(properties);
                command
            }
            Kind::Kafka => {
                let mut command = java(&KAFKA_JVM)?;
                let logging = home.join("log4j2.properties");
                command.arg(format!("-Dlog4j2.configurationFile={}", logging.display()));
                command.arg("kafka.Kafka").arg(properties);
                command
            }
            Kind::FileSink => {
                let mut command = sink()?;
                command.arg("--file").arg(home.join("frames"));
                command
            }
            Kind::ReadSink => sink()?,
        })
    }

    /// The same settings for both, apart from what only one understands. Everything else is default.
    fn write_properties(&self) -> Result<()> {
        let home = self.home.path();
        let controller = free_port()?;
        let (port, path) = (self.address.port(), home.join("server.properties"));
        let listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
        let mut properties = Properties::default()
            .with("node.id", 1)
            .with("process.roles", "broker,controller")
            .with("listeners", listeners)
            .with(
                "advertised.listeners",
                format!("PLAINTEXT://127.0.0.1:{port}"),
            )
            .with("controller.listener.names", "CONTROLLER")
            .with("log.dirs", home.join("data").display())
            .with("offsets.topic.replication.factor", 1)
            .with("group.initial.rebalance.delay.ms", 0)
            // What a case leaves behind is gone before the next one is measured.
            .with("log.retention.check.interval.ms", 500);
        if self.kind != Kind::Kafka {
            properties = properties.with("millrace.metrics.listener", "127.0.0.1:0");
        }
        if self.kind == Kind::Kafka {
            properties = properties
                .with(
                    "controller.quorum.voters",
                    format!("1@127.0.0.1:{controller}"),
                )
                .with("transaction.state.log.replication.factor", 1)
                .with("transaction.state.log.min.isr", 1);
        }
        fs::write(&path, properties.to_string())?;
        let target = if self.kind == Kind::Kafka {
            Target::Kafka
        } else {
            Target::Millrace
        };
        // Formats Kafka's directory, and writes how its JVMs log.
        target.prepare(&path, home)?;
        Ok(())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing useful is left to be done about a process that will not be killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A JVM with Kafka's jars.
pub(crate) fn java(options: &[&str]) -> Result<Command> {
    let libs =
        std::env::var("MILLRACE_KAFKA_LIBS").context("MILLRACE_KAFKA_LIBS names Kafka's jars")?;
    let mut command = Command::new("java");
    command.args(options).arg("-cp").arg(format!("{libs}/*"));
    Ok(command)
}
