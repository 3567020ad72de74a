//! `millrace bench consume`.

use std::sync::Arc;

use anyhow::Result;
use indicatif::ProgressBar;
use millrace_client::consumer::{Consumer, ConsumerOptions, Start};
use millrace_types::TopicPartition;
use serde_json::json;
use tokio::time::Instant;

use crate::commands::bench::samples::{megabytes, rate};
use crate::context::Context;
use crate::output::Rows;

/// Polls without a record after which the topic counts as read.
const EMPTY_POLLS: u32 = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    topic: String,
    /// Stop after this many; the topic may hold fewer
    #[arg(short, long, default_value_t = 1_000_000)]
    pub(crate) records: u64,
    /// Bytes of one partition in one answer
    #[arg(long, default_value_t = 1024 * 1024)]
    partition_bytes: i32,
}

pub(crate) async fn run(context: &Context, args: &Args, bar: ProgressBar) -> Result<()> {
    let topic: Arc<str> = args.topic.as_str().into();
    let known = context.client.topic_now(&topic, false).await?;
    let partitions = known.partitions.iter();
    let partitions = partitions.map(|p| TopicPartition::new(Arc::clone(&topic), p.index));
    let wanted: Vec<_> = partitions.map(|at| (at, Start::Earliest)).collect();
    let options = ConsumerOptions {
        partition_max_bytes: args.partition_bytes,
        ..ConsumerOptions::default()
    };
    let mut consumer = Consumer::new(&context.client, options);
    consumer.assign(&wanted).await?;

    let started = Instant::now();
    let mut last = started;
    let (mut count, mut bytes, mut empty) = (0_u64, 0_u64, 0);
    while count < args.records && empty < EMPTY_POLLS {
        let records = consumer.poll().await?;
        if records.is_empty() {
            empty += 1;
            continue;
        }
        empty = 0;
        last = Instant::now();
        count += u64::try_from(records.len())?;
        for record in &records {
            let key = record.key.as_ref().map_or(0, bytes::Bytes::len);
            let value = record.value.as_ref().map_or(0, bytes::Bytes::len);
            bytes += u64::try_from(key + value)?;
        }
        bar.set_position(count.min(args.records));
    }
    bar.finish_and_clear();
    // Polls that waited for more than there was are not part of the measurement.
    let took = last - started;
    let mut rows = Rows::new(&["records", "seconds", "records/s", "MB/s"]);
    rows.push(vec![
        json!(count),
        json!((took.as_secs_f64() * 1000.0).round() / 1000.0),
        rate(count, took),
        megabytes(bytes, took),
    ]);
    rows.print(context.format)?;
    Ok(())
}
