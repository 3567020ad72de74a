//! `millrace bench produce`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use indicatif::ProgressBar;
use millrace_client::producer::{Producer, ProducerRecord, Receipt};
use millrace_client::{ClientError, Jitter};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::commands::bench::samples::{Samples, megabytes, rate};
use crate::commands::produce::{Writing, refuse_internal};
use crate::context::Context;
use crate::output::Rows;

/// Records on their way whose fate is waited for.
const RECEIPTS_AHEAD: usize = 100_000;
/// Sending pauses this often to keep a given pace.
const PACE: Duration = Duration::from_millis(10);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    topic: String,
    #[arg(short, long, default_value_t = 1_000_000)]
    pub(crate) records: u64,
    /// Bytes of each record's value
    #[arg(short = 's', long, default_value_t = 100)]
    record_bytes: usize,
    /// Records per second; as many as possible when not given
    #[arg(long)]
    rate: Option<u64>,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) async fn run(context: &Context, args: &Args, bar: ProgressBar) -> Result<()> {
    refuse_internal(&args.topic)?;
    let producer = Producer::start(&context.client, args.writing.options());
    let record = ProducerRecord {
        topic: args.topic.as_str().into(),
        value: Some(payload(args.record_bytes)),
        ..ProducerRecord::default()
    };
    let (receipts, queue) = mpsc::channel(RECEIPTS_AHEAD);
    let settling = tokio::spawn(settle(queue, bar));
    let started = Instant::now();
    for number in 0..args.records {
        if let Some(per_second) = args.rate {
            keep_pace(started, number, per_second).await;
        }
        let sent = Instant::now();
        let receipt = producer.send(&record).await?;
        if receipts.send((sent, receipt)).await.is_err() {
            break;
        }
    }
    drop(receipts);
    producer.close().await;
    let took = started.elapsed();
    let settled = settling.await?;
    report(context, args, settled, took)
}

struct Settled {
    written: u64,
    failed: u64,
    samples: Samples,
    first_error: Option<ClientError>,
}

async fn settle(mut queue: mpsc::Receiver<(Instant, Receipt)>, bar: ProgressBar) -> Settled {
    let mut settled = Settled {
        written: 0,
        failed: 0,
        samples: Samples::new(),
        first_error: None,
    };
    while let Some((sent, receipt)) = queue.recv().await {
        match receipt.delivered().await {
            Ok(_) => settled.written += 1,
            Err(error) => {
                settled.failed += 1;
                settled.first_error.get_or_insert(error);
            }
        }
        settled.samples.add(sent.elapsed());
        bar.inc(1);
    }
    bar.finish_and_clear();
    settled
}

fn report(context: &Context, args: &Args, settled: Settled, took: Duration) -> Result<()> {
    let mut rows = Rows::new(&[
        "records",
        "failed",
        "seconds",
        "records/s",
        "MB/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
    ]);
    let size = u64::try_from(args.record_bytes)?;
    let mut row = vec![
        json!(settled.written),
        json!(settled.failed),
        json!((took.as_secs_f64() * 1000.0).round() / 1000.0),
        rate(settled.written, took),
        megabytes(settled.written.saturating_mul(size), took),
    ];
    row.extend(settled.samples.percentiles(&[50.0, 95.0, 99.0, 99.9]));
    rows.push(row);
    rows.print(context.format)?;
    match settled.first_error {
        Some(error) => Err(anyhow::Error::new(error).context("not every record was written")),
        None => Ok(()),
    }
}

async fn keep_pace(started: Instant, number: u64, per_second: u64) {
    let due = Duration::from_nanos(number.saturating_mul(1_000_000_000 / per_second.max(1)));
    let ahead = due.saturating_sub(started.elapsed());
    if ahead >= PACE {
        tokio::time::sleep(ahead).await;
    }
}

/// Bytes that do not compress to nothing, and are the same in every run.
pub(crate) fn payload(size: usize) -> Bytes {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let random = Arc::new(Jitter::seeded(1));
    let letter = |_| LETTERS[usize::try_from(random.next_u64() % 64).unwrap_or_default()];
    (0..size).map(letter).collect()
}
