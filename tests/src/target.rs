//! The broker under test: Millrace, or Apache Kafka as the oracle that proves a suite right.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::built::program_or;
use crate::ports::Ports;
use crate::properties::Properties;

/// Names the broker that is tested in place of the one of the same build.
const BROKER: &str = "MILLRACE_BROKER_BIN";

/// Any valid base64 form of 16 bytes.
const CLUSTER_ID: &str = "TWlsbHJhY2VUZXN0MDAwMA";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Millrace,
    Kafka,
}

impl Target {
    /// `MILLRACE_TEST_TARGET`, Millrace unless said otherwise.
    pub fn from_env() -> Result<Self> {
        match env::var("MILLRACE_TEST_TARGET").as_deref() {
            Err(_) | Ok("millrace") => Ok(Self::Millrace),
            Ok("kafka") => Ok(Self::Kafka),
            Ok(other) => bail!("MILLRACE_TEST_TARGET: `{other}` is neither millrace nor kafka"),
        }
    }

    /// The command that runs a broker on `properties`, a file that stays.
    pub fn command(self, properties: &Path, home: &Path) -> Result<Command> {
        match self {
            Self::Millrace => {
                let mut command = Command::new(program_or(BROKER, "millrace-broker")?);
                command.arg("--config").arg(properties);
                Ok(command)
            }
            Self::Kafka => kafka_broker(properties, home),
        }
    }

    /// What a data directory needs before its first start.
    pub fn prepare(self, properties: &Path, home: &Path) -> Result<()> {
        if self == Self::Millrace {
            return Ok(());
        }
        let done = java(home, "256m")?
            .args(["kafka.tools.StorageTool", "format", "--cluster-id"])
            .args([CLUSTER_ID, "--config"])
            .arg(properties)
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "kafka-storage format: {said}");
        Ok(())
    }

    /// What only one of the two needs or understands.
    pub(crate) fn own_properties(self, ports: Ports) -> Properties {
        match self {
            Self::Millrace => Properties::default().with(
                "millrace.metrics.listener",
                format!("127.0.0.1:{}", ports.http),
            ),
            Self::Kafka => Properties::default()
                .with(
                    "controller.quorum.voters",
                    format!("1@127.0.0.1:{}", ports.controller),
                )
                .with("transaction.state.log.num.partitions", 1)
                .with("transaction.state.log.replication.factor", 1)
                .with("transaction.state.log.min.isr", 1)
                .with("share.coordinator.state.topic.num.partitions", 1)
                .with("share.coordinator.state.topic.replication.factor", 1)
                .with("share.coordinator.state.topic.min.isr", 1)
                .with("log.initial.task.delay.ms", 500)
                .with("log.cleaner.dedupe.buffer.size", 4 * 1024 * 1024),
        }
    }
}

fn kafka_broker(properties: &Path, home: &Path) -> Result<Command> {
    let mut command = java(home, "512m")?;
    command.arg("kafka.Kafka").arg(properties);
    Ok(command)
}

/// A JVM with Kafka's jars (`MILLRACE_KAFKA_LIBS`) that starts fast rather than runs long.
fn java(home: &Path, heap: &str) -> Result<Command> {
    let libs = env::var("MILLRACE_KAFKA_LIBS").context("MILLRACE_KAFKA_LIBS names Kafka's jars")?;
    let logging = home.join("log4j2.properties");
    fs::write(&logging, LOG4J)?;
    let mut command = Command::new("java");
    command
        .arg(format!("-Xmx{heap}"))
        .args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto",
        ])
        .arg(format!("-Dlog4j2.configurationFile={}", logging.display()))
        .arg("-cp")
        .arg(format!("{libs}/*"));
    Ok(command)
}

const LOG4J: &str = "\
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
";
