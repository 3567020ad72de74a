//! Other people's clients: Kafka's own performance tools, and librdkafka. Runs them and reads what
//! they print.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use millrace_records::Compression;

use crate::cases::Load;
use crate::subject::java;

/// librdkafka's clients, run by `MILLRACE_BENCH_PYTHON`.
const RDKAFKA_PRODUCER: &str = include_str!("rdkafka_producer.py");
const RDKAFKA_CONSUMER: &str = include_str!("rdkafka_consumer.py");

/// What a tool says of its run.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Bytes of record values; batches are not seen from here.
    pub(crate) bytes: Option<f64>,
    pub(crate) megabytes_per_second: Option<f64>,
    pub(crate) latency: Option<[f64; 3]>,
}

pub(crate) fn java_producer(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    records: u64,
) -> Result<Outcome> {
    let mut command = performance_tool("ProducerPerformance", address, topic)?;
    command
        .args([
            "--num-records",
            &records.to_string(),
            "--record-size",
            &load.record_bytes.to_string(),
        ])
        .args(["--throughput", "-1", "--command-property"])
        .args([
            format!("acks={}", load.acks),
            format!("batch.size={}", load.batch_bytes),
        ]);
    let output = run(command)?;
    // "… records sent, … (x MB/sec), … ms avg latency, … ms 50th, … ms 95th, … ms 99th, … ms 99.9th."
    let line = output
        .lines()
        .rfind(|line| line.contains("99.9th"))
        .context("no summary")?;
    let before = |word: &str| number_before(line, word);
    Ok(Outcome {
        bytes: Some(load.record_bytes as f64 * records as f64),
        // The tool's MB are MiB.
        megabytes_per_second: before("MB/sec").map(|rate| rate * 1.048_576),
        latency: before("ms 50th")
            .zip(before("ms 99th"))
            .zip(before("ms 99.9th"))
            .map(|((a, b), c)| [a, b, c]),
    })
}

pub(crate) fn java_consumer(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    records: u64,
) -> Result<Outcome> {
    let mut command = performance_tool("ConsumerPerformance", address, topic)?;
    command.args([
        "--num-records",
        &records.to_string(),
        "--timeout",
        "30000",
        "--hide-header",
    ]);
    let output = run(command)?;
    // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, MB/s while fetching, …
    let line = output
        .lines()
        .rfind(|line| line.matches(',').count() >= 8)
        .context("no summary")?;
    let rate = line
        .split(',')
        .nth(8)
        .and_then(|rate| rate.trim().parse::<f64>().ok());
    Ok(Outcome {
        bytes: Some(load.record_bytes as f64 * records as f64),
        megabytes_per_second: rate.map(|rate| rate * 1.048_576),
        latency: None,
    })
}

pub(crate) fn java_end_to_end(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    records: u64,
) -> Result<Outcome> {
    let mut command = java(&["-Xmx512m"])?;
    command
        .arg("org.apache.kafka.tools.EndToEndLatency")
        .args([&address.to_string(), topic, &records.to_string()])
        .args([&load.acks.to_string(), &load.record_bytes.to_string()]);
    let output = run(command)?;
    // "Percentiles: 50th = 0, 99th = 1, 99.9th = 2"
    let line = output
        .lines()
        .rfind(|line| line.contains("99.9th"))
        .context("no summary")?;
    let after = |word: &str| -> Option<f64> {
        let (_, rest) = line.split_once(word)?;
        rest.trim_start_matches([' ', '='])
            .split([',', ' '])
            .next()?
            .parse()
            .ok()
    };
    Ok(Outcome {
        latency: after("50th")
            .zip(after(" 99th"))
            .zip(after("99.9th"))
            .map(|((a, b), c)| [a, b, c]),
        ..Outcome::default()
    })
}

pub(crate) fn rdkafka_producer(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    records: u64,
) -> Result<Outcome> {
    let compression = if load.compression == Compression::Lz4 {
        "lz4"
    } else {
        "none"
    };
    let mut command = rdkafka(RDKAFKA_PRODUCER, address, topic, records)?;
    command
        .args([load.record_bytes.to_string(), load.acks.to_string()])
        .args([load.batch_bytes.to_string(), compression.to_owned()]);
    let [rate, latency @ ..] = figures::<4>(&run(command)?)?;
    Ok(Outcome {
        bytes: Some(load.record_bytes as f64 * records as f64),
        megabytes_per_second: Some(rate),
        latency: Some(latency),
    })
}

pub(crate) fn rdkafka_consumer(
    address: SocketAddr,
    topic: &str,
    load: &Load,
    records: u64,
) -> Result<Outcome> {
    let output = run(rdkafka(RDKAFKA_CONSUMER, address, topic, records)?)?;
    let [rate] = figures(&output)?;
    Ok(Outcome {
        bytes: Some(load.record_bytes as f64 * records as f64),
        megabytes_per_second: Some(rate),
        latency: None,
    })
}

fn rdkafka(script: &str, address: SocketAddr, topic: &str, records: u64) -> Result<Command> {
    let python = std::env::var("MILLRACE_BENCH_PYTHON")
        .context("MILLRACE_BENCH_PYTHON names a Python with confluent_kafka")?;
    let mut command = Command::new(python);
    command.args(["-c", script, &address.to_string(), topic]);
    command.arg(records.to_string());
    Ok(command)
}

fn figures<const COUNT: usize>(output: &str) -> Result<[f64; COUNT]> {
    let figures: Vec<f64> = output
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    figures
        .try_into()
        .map_err(|figures| anyhow!("{COUNT} figures were due: {figures:?}"))
}

fn performance_tool(class: &str, address: SocketAddr, topic: &str) -> Result<Command> {
    let mut command = java(&["-Xmx512m"])?;
    command
        .arg(format!("org.apache.kafka.tools.{class}"))
        .args(["--bootstrap-server", &address.to_string(), "--topic", topic]);
    Ok(command)
}

fn run(mut command: Command) -> Result<String> {
    let output = command.output().context("the tool does not start")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "the tool failed: {}\n{text}\n{errors}",
        output.status
    );
    Ok(text)
}

fn number_before(line: &str, word: &str) -> Option<f64> {
    let (before, _) = line.split_once(word)?;
    before.trim_end().rsplit([' ', '(']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_figures_of_a_summary() {
        let line = "5 records sent, 4.1 records/sec (12.50 MB/sec), 3.1 ms avg latency, 9 ms max, 2 ms 50th, 3 ms 99th";
        assert_eq!(number_before(line, "MB/sec"), Some(12.5));
        assert_eq!(number_before(line, "ms 50th"), Some(2.0));
        assert_eq!(number_before(line, "ms 99.9th"), None);
    }
}
