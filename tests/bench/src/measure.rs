//! One case on one subject: a topic of its own, a warm-up, and the figures of what follows.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Result;
use millrace_bench_shared::clock;

use crate::cases::{self, Case, Load, Work};
use crate::raw::{self, Batch, Limit, Producing, Transfer};
use crate::subject::Subject;
use crate::{admin, fixed_rate, tools};

/// How long and how much.
pub(crate) struct Effort {
    /// Before the first measurement, for each broker at most.
    pub(crate) first_warm_up: Duration,
    /// Before each measurement.
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// Bounds what a fast subject makes the disk hold.
    pub(crate) bytes: u64,
    /// Records of a run of a foreign tool.
    pub(crate) tool_records: u64,
    pub(crate) fixed_rate_for: Duration,
}

/// What one run showed. What it cannot show is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Of the subject's process, per GB of batches on the wire.
    pub(crate) cpu_seconds_per_gb: Option<f64>,
    pub(crate) megabytes_per_second: Option<f64>,
    /// Milliseconds: 50th, 99th and 99.9th percentile.
    pub(crate) latency: Option<[f64; 3]>,
    pub(crate) rss_megabytes: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.3} CPU s/GB, {:.0} MB/s, {:.2?} ms, {:.0} MB",
            self.cpu_seconds_per_gb.unwrap_or(f64::NAN),
            self.megabytes_per_second.unwrap_or(f64::NAN),
            self.latency.unwrap_or([f64::NAN; 3]),
            self.rss_megabytes
        )
    }
}

/// Longer than both delays of a deletion.
const DELETION: Duration = Duration::from_millis(1500);

const PAGE_CACHE_BLOCK: usize = 1024 * 1024;

/// A pass that costs more than this part of the one before shows that compiling is over.
const WARM: f64 = 0.95;

static TOPICS_MADE: AtomicU32 = AtomicU32::new(0);

pub(crate) fn measure(case: &Case, subject: &Subject, effort: &Effort) -> Result<Figures> {
    let topic = format!("bench-{}", TOPICS_MADE.fetch_add(1, Ordering::Relaxed));
    let load = case.work.load();
    if !subject.kind().is_broker() {
        return produce(subject, &topic, load, effort);
    }
    let mut configs = vec![("file.delete.delay.ms", "100"), ("retention.ms", "-1")];
    if load.flush_each {
        configs.push(("flush.messages", "1"));
    }
    admin::create_topic(subject.address(), &topic, load.partitions, &configs)?;
    let figures = run(&case.work, subject, &topic, effort);
    admin::delete_topic(subject.address(), &topic)?;
    // What a topic took of the page cache goes back before the next measurement.
    clock::pause(DELETION);
    figures
}

/// Brings a subject to its working temperature: a JVM compiles what it runs often.
pub(crate) fn warm_up(subject: &Subject, effort: &Effort) -> Result<()> {
    if !subject.kind().is_broker() {
        return Ok(());
    }
    let began = clock::now();
    let [produce, read] = cases::warm_up();
    let mut last_cost = f64::MAX;
    while began.elapsed() < effort.first_warm_up {
        let cost = measure(&produce, subject, effort)?.cpu_seconds_per_gb;
        measure(&read, subject, effort)?;
        let cost = cost.unwrap_or(f64::MAX);
        if cost > last_cost * WARM {
            break;
        }
        last_cost = cost;
    }
    Ok(())
}

fn run(work: &Work, subject: &Subject, topic: &str, effort: &Effort) -> Result<Figures> {
    match work {
        Work::Produce(load) => produce(subject, topic, load, effort),
        Work::CatchUp(load) => {
            fill(subject, topic, load, effort)?;
            // The first pass warms up; records come from the page cache in both.
            raw::consume(subject.address(), topic, load.partitions)?;
            metered(subject, || {
                raw::consume(subject.address(), topic, load.partitions)
            })
        }
        Work::FixedRate(load) => {
            let one = Batch::one_record(load)?;
            producing(subject, topic, load, &one).settle()?;
            fixed_rate::run(subject.address(), topic, load, effort.warm_up)?;
            let mut latencies =
                fixed_rate::run(subject.address(), topic, load, effort.fixed_rate_for)?;
            Ok(Figures {
                latency: percentiles(&mut latencies),
                rss_megabytes: subject.rss_megabytes()?,
                ..Figures::default()
            })
        }
        Work::JavaProducer(load) => {
            settle(subject, topic, load)?;
            tool(subject, || {
                tools::java_producer(subject.address(), topic, load, effort.tool_records)
            })
        }
        Work::JavaConsumer(load) => {
            let records = fill(subject, topic, load, effort)?;
            tool(subject, || {
                tools::java_consumer(subject.address(), topic, load, records)
            })
        }
        Work::JavaEndToEnd(load) => {
            settle(subject, topic, load)?;
            tool(subject, || {
                tools::java_end_to_end(subject.address(), topic, load, effort.tool_records / 40)
            })
        }
        Work::RdkafkaProducer(load) => {
            settle(subject, topic, load)?;
            tool(subject, || {
                tools::rdkafka_producer(subject.address(), topic, load, effort.tool_records)
            })
        }
        Work::RdkafkaConsumer(load) => {
            let records = fill(subject, topic, load, effort)?;
            tool(subject, || {
                tools::rdkafka_consumer(subject.address(), topic, load, records)
            })
        }
    }
}

fn producing<'a>(
    subject: &Subject,
    topic: &'a str,
    load: &'a Load,
    batch: &'a Batch,
) -> Producing<'a> {
    Producing {
        address: subject.address(),
        topic,
        load,
        batch,
        is_sink: !subject.kind().is_broker(),
    }
}

fn settle(subject: &Subject, topic: &str, load: &Load) -> Result<()> {
    let batch = Batch::one_record(load)?;
    producing(subject, topic, load, &batch).settle()
}

fn produce(subject: &Subject, topic: &str, load: &Load, effort: &Effort) -> Result<Figures> {
    let batch = Batch::new(load)?;
    let producing = producing(subject, topic, load, &batch);
    if subject.kind().is_broker() {
        producing.settle()?;
    }
    producing.run(Limit {
        time: effort.warm_up,
        bytes: effort.bytes,
    })?;
    touch_page_cache(effort.bytes)?;
    metered(subject, || {
        producing.run(Limit {
            time: effort.time,
            bytes: effort.bytes,
        })
    })
}

/// Writes a file and deletes it. On a virtual machine whose host gives memory on first touch, that
/// touch costs several times what the write does, and would be counted to whoever comes first.
fn touch_page_cache(bytes: u64) -> Result<()> {
    let mut file = tempfile::tempfile()?;
    let block = vec![1; PAGE_CACHE_BLOCK];
    for _ in 0..bytes / block.len() as u64 {
        file.write_all(&block)?;
    }
    Ok(())
}

/// Fills a topic and says how many records that took.
fn fill(subject: &Subject, topic: &str, load: &Load, effort: &Effort) -> Result<u64> {
    let batch = Batch::new(load)?;
    let producing = producing(subject, topic, load, &batch);
    producing.settle()?;
    let filled = producing.run(Limit {
        time: effort.time * 4,
        bytes: effort.bytes,
    })?;
    Ok(filled.bytes / batch.bytes.len() as u64 * batch.records)
}

fn metered(subject: &Subject, run: impl FnOnce() -> Result<Transfer>) -> Result<Figures> {
    let before = subject.cpu_seconds()?;
    let mut transfer = run()?;
    let cpu = subject.cpu_seconds()? - before;
    Ok(Figures {
        cpu_seconds_per_gb: Some(cpu / (transfer.bytes as f64 / 1e9)),
        megabytes_per_second: Some(transfer.bytes as f64 / 1e6 / transfer.took.as_secs_f64()),
        latency: percentiles(&mut transfer.latencies),
        rss_megabytes: subject.rss_megabytes()?,
    })
}

/// A foreign tool reports its own rate and latencies; the processor time is still the broker's.
fn tool(subject: &Subject, run: impl FnOnce() -> Result<tools::Outcome>) -> Result<Figures> {
    let before = subject.cpu_seconds()?;
    let outcome = run()?;
    let cpu = subject.cpu_seconds()? - before;
    Ok(Figures {
        cpu_seconds_per_gb: outcome.bytes.map(|bytes| cpu / (bytes / 1e9)),
        megabytes_per_second: outcome.megabytes_per_second,
        latency: outcome.latency,
        rss_megabytes: subject.rss_megabytes()?,
    })
}

fn percentiles(latencies: &mut [Duration]) -> Option<[f64; 3]> {
    latencies.sort_unstable();
    let last = latencies.len().checked_sub(1)?;
    let at = |share: f64| latencies[(last as f64 * share).round() as usize].as_secs_f64() * 1e3;
    Some([at(0.5), at(0.99), at(0.999)])
}
