//! `millrace produce`: every line of standard input becomes a record.

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use clap::ValueEnum;
use millrace_client::producer::{Acks, Producer, ProducerOptions, ProducerRecord, Receipt};
use millrace_records::Compression;
use serde_json::json;
use tokio::sync::mpsc;

use crate::context::Context;
use crate::output::Rows;
use crate::parse::Assignment;

/// Lines read ahead of the producer, whose own buffer bounds the rest.
const LINES_AHEAD: usize = 1024;
/// Records whose fate nobody has looked at yet.
const RECEIPTS_KEPT: usize = 100_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    topic: String,
    /// Text between key and value; without it lines are values
    #[arg(short, long)]
    key_separator: Option<String>,
    /// Partition for every record; otherwise the key decides
    #[arg(short, long)]
    partition: Option<i32>,
    /// A header for every record, as name=value; may be repeated
    #[arg(short = 'H', long)]
    header: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) writing: Writing,
}

/// How records are written; `bench` has the same choices.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Writing {
    /// Whose word makes a record written
    #[arg(long, value_enum, default_value_t = AcksArg::All)]
    acks: AcksArg,
    #[arg(long, value_enum, default_value_t = Codec::None)]
    compression: Codec,
    /// Milliseconds that a batch waits for more records
    #[arg(long, default_value_t = 5)]
    linger_ms: u64,
    /// Bytes at which a batch is sent
    #[arg(long, default_value_t = 256 * 1024)]
    batch_bytes: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AcksArg {
    None,
    Leader,
    All,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Writing {
    pub(crate) fn options(self) -> ProducerOptions {
        let acks = match self.acks {
            AcksArg::None => Acks::None,
            AcksArg::Leader => Acks::Leader,
            AcksArg::All => Acks::All,
        };
        ProducerOptions {
            acks,
            linger: Duration::from_millis(self.linger_ms),
            batch_bytes: self.batch_bytes,
            compression: match self.compression {
                Codec::None => Compression::None,
                Codec::Gzip => Compression::Gzip,
                Codec::Snappy => Compression::Snappy,
                Codec::Lz4 => Compression::Lz4,
                Codec::Zstd => Compression::Zstd,
            },
            idempotent: acks == Acks::All,
            ..ProducerOptions::default()
        }
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let topic: Arc<str> = args.topic.as_str().into();
    let producer = Producer::start(&context.client, args.writing.options());
    let headers: Vec<_> = args.header.iter().map(header).collect();
    let mut lines = lines();
    let mut receipts = Vec::new();
    let mut written = Written::default();
    while let Some(line) = lines.recv().await {
        let line = line.context("cannot read standard input")?;
        let (key, value) = split(&line, args.key_separator.as_deref());
        let record = ProducerRecord {
            topic: Arc::clone(&topic),
            partition: args.partition,
            key,
            value: Some(value),
            headers: headers.clone(),
            timestamp: None,
        };
        receipts.push(producer.send(&record).await?);
        if receipts.len() == RECEIPTS_KEPT {
            written.settle(&mut receipts).await;
        }
    }
    producer.flush().await;
    written.settle(&mut receipts).await;
    let mut rows = Rows::new(&["topic", "written", "failed"]);
    rows.push(vec![
        json!(args.topic),
        json!(written.count),
        json!(written.failed),
    ]);
    rows.print(context.format)?;
    match written.first_error {
        Some(error) => Err(anyhow::Error::new(error).context("not every record was written")),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Written {
    count: u64,
    failed: u64,
    first_error: Option<millrace_client::ClientError>,
}

impl Written {
    async fn settle(&mut self, receipts: &mut Vec<Receipt>) {
        for receipt in receipts.drain(..) {
            match receipt.delivered().await {
                Ok(_) => self.count += 1,
                Err(error) => {
                    self.failed += 1;
                    self.first_error.get_or_insert(error);
                }
            }
        }
    }
}

fn header(assignment: &Assignment) -> (Bytes, Option<Bytes>) {
    let name = Bytes::from(assignment.name.clone());
    (name, Some(Bytes::from(assignment.value.clone())))
}

fn split(line: &str, separator: Option<&str>) -> (Option<Bytes>, Bytes) {
    let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    match separator.and_then(|separator| line.split_once(separator)) {
        Some((key, value)) => (Some(bytes(key)), bytes(value)),
        None => (None, bytes(line)),
    }
}

/// Standard input can only be read by blocking, so a thread of its own does it.
fn lines() -> mpsc::Receiver<std::io::Result<String>> {
    let (send, lines) = mpsc::channel(LINES_AHEAD);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if send.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// A topic that a measurement may write to exists, or is made by the first write.
pub(crate) fn refuse_internal(topic: &str) -> Result<()> {
    if millrace_types::is_internal_topic(topic) {
        bail!("{topic} belongs to the cluster itself");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_at_the_first_separator() {
        let (key, value) = split("a:b:c", Some(":"));
        assert_eq!((key.as_deref(), &value[..]), (Some(&b"a"[..]), &b"b:c"[..]));
        let (key, value) = split("a", Some(":"));
        assert_eq!((key, &value[..]), (None, &b"a"[..]));
        assert_eq!(split("a:b", None).0, None);
    }
}
