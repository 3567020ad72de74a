//! `millrace bench latency`: one record at a time, from the producer's hand to the consumer's.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use indicatif::ProgressBar;
use millrace_client::consumer::{Consumer, ConsumerOptions, Start};
use millrace_client::producer::{Producer, ProducerOptions, ProducerRecord};
use millrace_types::TopicPartition;
use serde_json::json;
use tokio::time::Instant;

use crate::commands::bench::produce::payload;
use crate::commands::bench::samples::Samples;
use crate::commands::produce::{Writing, refuse_internal};
use crate::context::Context;
use crate::output::Rows;

/// Longest wait for one record before the measurement is given up.
const LOST_AFTER: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    topic: String,
    #[arg(short, long, default_value_t = 1000)]
    pub(crate) records: u64,
    /// Bytes of each record's value
    #[arg(short = 's', long, default_value_t = 100)]
    record_bytes: usize,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) async fn run(context: &Context, args: &Args, bar: ProgressBar) -> Result<()> {
    refuse_internal(&args.topic)?;
    let topic: Arc<str> = args.topic.as_str().into();
    let options = ProducerOptions {
        // Nothing follows that a batch could wait for.
        linger: Duration::ZERO,
        ..args.writing.options()
    };
    let producer = Producer::start(&context.client, options);
    let record = ProducerRecord {
        topic: Arc::clone(&topic),
        partition: Some(0),
        value: Some(payload(args.record_bytes)),
        ..ProducerRecord::default()
    };
    // Connections, topic and producer id are made before the clock runs.
    producer.send(&record).await?.delivered().await?;
    let mut consumer = Consumer::new(&context.client, ConsumerOptions::default());
    consumer
        .assign(&[(TopicPartition::new(topic, 0), Start::Latest)])
        .await?;

    let mut written = Samples::new();
    let mut read = Samples::new();
    for _ in 0..args.records {
        let sent = Instant::now();
        let receipt = producer.send(&record).await?;
        let delivered = async {
            let delivery = receipt.delivered().await;
            (delivery, sent.elapsed())
        };
        let (arrived, (delivery, acknowledged)) =
            tokio::join!(arrival(&mut consumer, sent), delivered);
        delivery?;
        written.add(acknowledged);
        read.add(arrived?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    producer.close().await;
    let mut rows = Rows::new(&["until", "records", "p50 ms", "p95 ms", "p99 ms", "max ms"]);
    for (until, samples) in [("acknowledged", written), ("read", read)] {
        let mut row = vec![json!(until), json!(args.records)];
        row.extend(samples.percentiles(&[50.0, 95.0, 99.0]));
        rows.push(row);
    }
    rows.print(context.format)?;
    Ok(())
}

async fn arrival(consumer: &mut Consumer, sent: Instant) -> Result<Duration> {
    loop {
        if !consumer.poll().await?.is_empty() {
            return Ok(sent.elapsed());
        }
        ensure!(
            sent.elapsed() < LOST_AFTER,
            "a record was written and never read"
        );
    }
}
