//! Producers that number their records, and a reader of everything: the makings of a history.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use millrace_client::admin::{NewTopic, OffsetSpec};
use millrace_client::consumer::{Consumer, ConsumerOptions, Start};
use millrace_client::producer::{Producer, ProducerOptions, ProducerRecord};
use millrace_client::{Client, ClientOptions};
use millrace_tests::broker::Broker;
use millrace_tests::history::{History, Place, RecordId};
use millrace_types::TopicPartition;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub(crate) const PARTITIONS: i32 = 3;
pub(crate) const TOPIC: &str = "history";

/// Records of one producer that wait for their fate: enough for batches, few enough to end soon.
const IN_FLIGHT: usize = 200;
const LIMIT: Duration = Duration::from_secs(90);

pub(crate) fn client(broker: &Broker) -> Client {
    Client::new(ClientOptions::new(vec![broker.address().to_string()]))
}

pub(crate) async fn create_topic(client: &Client) -> Result<()> {
    let topic = NewTopic {
        name: TOPIC.into(),
        partitions: Some(PARTITIONS),
        ..NewTopic::default()
    };
    for (name, outcome) in client.create_topics(&[topic], false).await? {
        outcome.with_context(|| format!("create {name}"))?;
    }
    Ok(())
}

/// Producers at work until they are told to end.
pub(crate) struct Workload {
    ending: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    producers: JoinSet<Result<History>>,
}

impl Workload {
    pub(crate) fn start(client: &Client, producers: u32) -> Self {
        let mut workload = Self {
            ending: Arc::default(),
            acknowledged: Arc::default(),
            producers: JoinSet::new(),
        };
        for number in 0..producers {
            workload.producers.spawn(produce(
                client.separate(),
                number,
                Arc::clone(&workload.ending),
                Arc::clone(&workload.acknowledged),
            ));
        }
        workload
    }

    /// Waits until this many more records are acknowledged.
    pub(crate) async fn progress(&self, records: usize) -> Result<()> {
        let goal = self.acknowledged.load(Ordering::Relaxed) + records;
        let reached = async {
            while self.acknowledged.load(Ordering::Relaxed) < goal {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, reached)
            .await
            .with_context(|| format!("{records} more acknowledgements"))
    }

    /// Ends all producers and joins what they saw.
    pub(crate) async fn end(mut self) -> Result<History> {
        self.ending.store(true, Ordering::Relaxed);
        let mut all = History::default();
        while let Some(one) = timeout(LIMIT, self.producers.join_next()).await? {
            let one = one??;
            all.sent.extend(one.sent);
            all.acked.extend(one.acked);
        }
        Ok(all)
    }
}

async fn produce(
    client: Client,
    number: u32,
    ending: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
) -> Result<History> {
    let producer = Producer::start(&client, ProducerOptions::default());
    let mut history = History::default();
    let mut sequence = 0;
    while !ending.load(Ordering::Relaxed) {
        let mut receipts = Vec::with_capacity(IN_FLIGHT);
        for _ in 0..IN_FLIGHT {
            let id = RecordId {
                producer: number,
                sequence,
            };
            sequence += 1;
            history.sent.insert(id);
            receipts.push((id, producer.send(&record(id)).await?));
        }
        for (id, receipt) in receipts {
            let delivery = receipt.delivered().await?;
            acknowledged.fetch_add(1, Ordering::Relaxed);
            if let Some(offset) = delivery.offset {
                history.acked.insert(
                    id,
                    Place {
                        partition: delivery.partition,
                        offset,
                    },
                );
            }
        }
    }
    producer.close().await;
    Ok(history)
}

fn record(id: RecordId) -> ProducerRecord {
    let partition = i32::try_from(id.sequence % u64::from(PARTITIONS.unsigned_abs()));
    ProducerRecord {
        topic: TOPIC.into(),
        partition: partition.ok(),
        value: Some(Bytes::from(format!("{} {}", id.producer, id.sequence))),
        ..ProducerRecord::default()
    }
}

fn parse(value: &[u8]) -> Result<RecordId> {
    let text = std::str::from_utf8(value)?;
    let (producer, sequence) = text.split_once(' ').context("two numbers")?;
    Ok(RecordId {
        producer: producer.parse()?,
        sequence: sequence.parse()?,
    })
}

/// Everything that stands in the topic, from the beginning to the end it has now.
pub(crate) async fn read_all(client: &Client) -> Result<Vec<(Place, RecordId)>> {
    let mut read = Vec::new();
    for partition in 0..PARTITIONS {
        let end = timeout(LIMIT, end_offset(client, partition)).await??;
        let mut reader = Consumer::new(client, ConsumerOptions::default());
        reader.assign(&[(at(partition), Start::Earliest)]).await?;
        let mut next = 0;
        while next < end {
            let records = timeout(LIMIT, reader.poll())
                .await
                .context("a poll that ends")??;
            for record in records {
                let value = record.value.context("a value")?;
                read.push((
                    Place {
                        partition,
                        offset: record.offset,
                    },
                    parse(&value)?,
                ));
                next = record.offset + 1;
            }
        }
        ensure!(next == end, "read to {next}, the partition ends at {end}");
    }
    Ok(read)
}

async fn end_offset(client: &Client, partition: i32) -> Result<i64> {
    let found = client
        .list_offsets(&[(at(partition), OffsetSpec::Latest)], false)
        .await?;
    let (_, found) = found.into_iter().next().context("one answer")?;
    found.offset.context("a partition has an end")
}

fn at(partition: i32) -> TopicPartition {
    TopicPartition {
        topic: TOPIC.into(),
        partition,
    }
}
