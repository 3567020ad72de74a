//! `millrace consume`: prints records, alone from any place, or as a member of a group.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Result, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use millrace_client::admin::{OffsetAt, OffsetSpec};
use millrace_client::consumer::{
    Consumer, ConsumerOptions, ConsumerRecord, GroupConsumer, GroupOptions, OffsetReset, Start,
};
use millrace_types::TopicPartition;
use serde_json::{Value, json};

use crate::args::Format;
use crate::context::Context;
use crate::parse::{Place, shown_time};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    topic: String,
    /// Read as a member of this group, which remembers how far it has read
    #[arg(short, long, conflicts_with_all = ["partition", "until_end"])]
    group: Option<String>,
    /// Where to begin: beginning, end, an offset, or a time. In a group that has no offsets yet
    #[arg(short, long, default_value = "end")]
    from: Place,
    /// Read only this partition; may be repeated
    #[arg(short, long)]
    partition: Vec<i32>,
    /// Stop after this many records
    #[arg(short, long)]
    max: Option<u64>,
    /// Stop at what was the end when the command began
    #[arg(short, long)]
    until_end: bool,
    /// Leave out records of open and aborted transactions
    #[arg(long)]
    read_committed: bool,
    /// What to print of each record
    #[arg(long, value_enum, default_value_t = Shown::Value)]
    show: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shown {
    Value,
    KeyValue,
    All,
}

/// Where records come from.
enum Reader {
    Plain {
        consumer: Consumer,
        /// Where to stop, if it is not to go on for ever.
        ends: Option<Vec<(TopicPartition, OffsetAt)>>,
    },
    Group(Box<GroupConsumer>),
}

impl Reader {
    async fn open(context: &Context, args: &Args) -> Result<Self> {
        let topic: Arc<str> = args.topic.as_str().into();
        let options = ConsumerOptions {
            read_committed: args.read_committed,
            reset: match args.from {
                Place::End => OffsetReset::Latest,
                _ => OffsetReset::Earliest,
            },
            ..ConsumerOptions::default()
        };
        let Some(group) = &args.group else {
            return Self::plain(context, args, &topic, options).await;
        };
        ensure!(
            matches!(args.from, Place::Beginning | Place::End),
            "a group goes on where it stopped: use `millrace group reset` to move it"
        );
        let mut group = GroupOptions::new(group.as_str().into(), vec![topic]);
        group.consumer = options;
        let consumer = GroupConsumer::new(&context.client, group);
        Ok(Self::Group(Box::new(consumer)))
    }

    async fn plain(
        context: &Context,
        args: &Args,
        topic: &Arc<str>,
        options: ConsumerOptions,
    ) -> Result<Self> {
        let client = &context.client;
        let partitions = partitions(context, topic, &args.partition).await?;
        let ends = if args.until_end {
            let wanted = partitions.iter().map(|at| (at.clone(), OffsetSpec::Latest));
            let wanted: Vec<_> = wanted.collect();
            Some(client.list_offsets(&wanted, args.read_committed).await?)
        } else {
            None
        };
        let mut consumer = Consumer::new(client, options);
        let start = start(args.from);
        let wanted: Vec<_> = partitions.into_iter().map(|at| (at, start)).collect();
        consumer.assign(&wanted).await?;
        Ok(Self::Plain { consumer, ends })
    }

    async fn poll(&mut self) -> Result<Vec<ConsumerRecord>> {
        let records = match self {
            Self::Plain { consumer, .. } => consumer.poll().await,
            Self::Group(consumer) => consumer.poll().await,
        };
        Ok(records?)
    }

    /// Whether everything is read that is to be.
    fn is_at_end(&self) -> bool {
        let Self::Plain {
            consumer,
            ends: Some(ends),
        } = self
        else {
            return false;
        };
        ends.iter().all(|(at, end)| {
            let position = consumer.positions().get(at).copied();
            position >= end.offset
        })
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<()> {
    let mut reader = Reader::open(context, &args).await?;
    let mut left = args.max.unwrap_or(u64::MAX);
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    while left > 0 && !reader.is_at_end() {
        let records = tokio::select! {
            _ = &mut stop => break,
            records = reader.poll() => records?,
        };
        let wanted = records
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let (wanted, unused) = records.split_at(wanted);
        print(wanted, args.show, context.format)?;
        left -= wanted.len() as u64;
        if let Reader::Group(consumer) = &mut reader {
            consumer.put_back(unused);
        }
    }
    if let Reader::Group(consumer) = reader {
        consumer.close().await?;
    }
    Ok(())
}

async fn partitions(
    context: &Context,
    topic: &Arc<str>,
    wanted: &[i32],
) -> Result<Vec<TopicPartition>> {
    let known = context.client.topic_now(topic, false).await?;
    let indexes: Vec<_> = known.partitions.iter().map(|p| p.index).collect();
    for index in wanted {
        ensure!(indexes.contains(index), "{topic} has no partition {index}");
    }
    let read = if wanted.is_empty() { &indexes } else { wanted };
    let at = |&index| TopicPartition::new(Arc::clone(topic), index);
    Ok(read.iter().map(at).collect())
}

const fn start(place: Place) -> Start {
    match place {
        Place::Beginning => Start::Earliest,
        Place::End => Start::Latest,
        Place::Offset(offset) => Start::Offset(offset),
        Place::Time(timestamp) => Start::Timestamp(timestamp),
    }
}

fn print(records: &[ConsumerRecord], shown: Shown, format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for record in records {
        match format {
            Format::Json => writeln!(out, "{}", as_json(record))?,
            Format::Table => as_text(&mut out, record, shown)?,
        }
    }
    out.flush()
}

fn as_text(out: &mut impl Write, record: &ConsumerRecord, shown: Shown) -> io::Result<()> {
    if shown == Shown::All {
        let time = shown_time(record.timestamp);
        write!(
            out,
            "{}-{}@{} {time} ",
            record.topic, record.partition, record.offset
        )?;
    }
    if shown != Shown::Value {
        out.write_all(record.key.as_deref().unwrap_or(b"null"))?;
        out.write_all(b"\t")?;
    }
    out.write_all(record.value.as_deref().unwrap_or(b"null"))?;
    out.write_all(b"\n")
}

fn as_json(record: &ConsumerRecord) -> Value {
    let headers = record.headers.iter().map(|(name, value)| {
        let name = String::from_utf8_lossy(name);
        json!({"name": name, "value": text(value.as_ref())})
    });
    json!({
        "topic": &*record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": text(record.key.as_ref()),
        "value": text(record.value.as_ref()),
        "headers": headers.collect::<Vec<_>>(),
    })
}

/// JSON has only text: what is none shows its odd bytes as replacement characters.
fn text(bytes: Option<&Bytes>) -> Value {
    bytes.map_or(Value::Null, |bytes| String::from_utf8_lossy(bytes).into())
}
