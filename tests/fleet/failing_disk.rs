//! A disk that answers with I/O errors: writes are refused, reads and other partitions go on, and
//! nothing acknowledged is lost. The errors are strace's, put in place of the calls of a broker that
//! runs; `tests/run` leaves these out where tracing is not permitted.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::{Context, Result, ensure};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::ErrorCode;
use rustix::process::{Pid, Signal, kill_process};

use crate::bystander::{Bystander, Line, batch_of};

const TOPIC: &str = "failing";
const BATCHES: i64 = 5;
const REFUSED: i64 = 3;
const WRITES: &str = "write,pwrite64,pwritev,pwritev2";
const SYNCS: &str = "fsync,fdatasync";

/// For as long as it lives, calls of a broker that concern a file fail.
struct Faults {
    strace: Child,
    /// Held open: it tells of every new thread, and would end for want of a listener.
    said: Lines<BufReader<ChildStderr>>,
}

impl Faults {
    fn of(calls: &str, file: &Path, broker: &Broker) -> Result<Self> {
        let broker = broker.process_id().context("the broker runs")?;
        let mut strace = Command::new("strace")
            .args(["--follow-forks", "--output=/dev/null"])
            .arg(format!("--trace={calls}"))
            .arg(format!("--inject={calls}:error=EIO"))
            .arg("--trace-path")
            .arg(file)
            .arg(format!("--attach={broker}"))
            .stderr(Stdio::piped())
            .spawn()
            .context("strace is needed")?;
        let said = strace.stderr.take().context("its words")?;
        let said = BufReader::new(said).lines();
        let mut faults = Self { strace, said };
        // Told when every thread is under its eyes.
        let mut told = faults.said.by_ref().map_while(Result::ok);
        let attached = told.find(|line| line.contains("attached"));
        ensure!(attached.is_some(), "tracing needs to be permitted");
        Ok(faults)
    }

    fn end(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.strace), Signal::TERM)?;
        self.strace.wait()?;
        Ok(())
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // A tracer that is killed lets go of what it traces.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

async fn survives_failing(calls: &str, properties: Properties) -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &properties)?;
    let mut line = Line::open(&broker, TOPIC).await?;
    let bystander = Bystander::start(&broker).await?;
    let batch = batch_of(&[b"value"])?;
    for offset in 0..BATCHES {
        let answer = line.produce(batch.clone()).await?;
        assert_eq!((answer.error_code, answer.base_offset), (0, offset));
    }
    let directory = broker.data_directory().join(format!("{TOPIC}-0"));
    let segment = directory.join("00000000000000000000.log");
    let faults = Faults::of(calls, &segment, &broker)?;
    for _ in 0..REFUSED {
        let answer = line.produce(batch.clone()).await?;
        let error = ErrorCode::from_code(answer.error_code);
        assert_eq!(error, ErrorCode::KafkaStorageError, "{}", broker.log_tail());
        assert_eq!(line.count().await?, BATCHES, "what was taken can be read");
    }
    bystander.goes_on().await?;
    faults.end()?;
    bystander.end().await?;
    let told = broker.log()?;
    assert!(told.contains("Input/output error"), "{told}");
    broker.kill()?;
    broker.resume()?;
    line.reconnect(&broker).await?;
    let kept = line.count().await?;
    // What was refused may be there all the same: nobody knows what a failing disk has kept.
    assert!(
        (BATCHES..=BATCHES + REFUSED).contains(&kept),
        "{kept} batches were kept"
    );
    let answer = line.produce(batch).await?;
    assert_eq!(
        (answer.error_code, answer.base_offset),
        (0, kept),
        "{}",
        broker.log_tail()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn records_cannot_be_written() -> Result<()> {
    survives_failing(WRITES, Properties::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn records_cannot_be_synced() -> Result<()> {
    survives_failing(
        SYNCS,
        Properties::default().with("log.flush.interval.messages", 1),
    )
    .await
}
