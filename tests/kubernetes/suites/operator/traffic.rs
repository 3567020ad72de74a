//! A producer and a consumer that work while a test does its worst, and the history that they make.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use millrace_client::Client;
use millrace_client::admin::OffsetSpec;
use millrace_client::consumer::{Consumer, ConsumerOptions, Start};
use millrace_client::producer::{Producer, ProducerOptions, ProducerRecord};
use millrace_tests::deadline::wait_for;
use millrace_tests::history::{History, Place, Promise, RecordId, violations};
use millrace_types::TopicPartition;
use tokio::task::JoinHandle;

use crate::kafka::Kafka;
use crate::stage::SOON;

/// Records that wait for their fate at once.
const IN_FLIGHT: usize = 20;
/// Between such handfuls: the machine belongs to the test.
const BREATH: Duration = Duration::from_millis(20);
/// Partitions of a topic that carries traffic.
pub(crate) const PARTITIONS: i32 = 2;
/// Records of one key follow each other in one partition.
const KEYS: u64 = 8;

type Read = Vec<(Place, RecordId)>;

pub(crate) struct Traffic<'a> {
    kafka: &'a Kafka,
    topic: Arc<str>,
    ending: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    producer: JoinHandle<Result<History>>,
    consumer: JoinHandle<Result<Read>>,
}

impl<'a> Traffic<'a> {
    /// Begins on a fresh topic, and is under way when this returns.
    pub(crate) fn start(kafka: &'a Kafka, topic: &str) -> Result<Self> {
        let (ending, acknowledged) = (Arc::default(), Arc::default());
        let topic: Arc<str> = topic.into();
        let produced = produce(
            kafka.client().separate(),
            Arc::clone(&topic),
            Arc::clone(&ending),
            Arc::clone(&acknowledged),
        );
        let consumed = consume(
            kafka.client().separate(),
            Arc::clone(&topic),
            Arc::clone(&ending),
        );
        let traffic = Self {
            kafka,
            topic,
            ending,
            acknowledged,
            producer: kafka.runtime().spawn(produced),
            consumer: kafka.runtime().spawn(consumed),
        };
        traffic.flows()?;
        Ok(traffic)
    }

    pub(crate) fn kafka(&self) -> &'a Kafka {
        self.kafka
    }

    /// Waits until more is acknowledged than now is.
    pub(crate) fn flows(&self) -> Result<()> {
        let goal = self.acknowledged.load(Ordering::Relaxed) + 2 * IN_FLIGHT;
        wait_for("acknowledgements", SOON, || {
            ensure!(!self.producer.is_finished(), "the producer gave up");
            Ok((self.acknowledged.load(Ordering::Relaxed) >= goal).then_some(()))
        })
    }

    /// Ends both and judges what they saw.
    pub(crate) fn end(self) -> Result<()> {
        self.flows()?;
        self.ending.store(true, Ordering::Relaxed);
        let mut history = self.kafka.run(self.producer)???;
        history.read = self.kafka.run(self.consumer)???;
        ensure!(!history.acked.is_empty(), "nothing was acknowledged");
        let found = violations(&history, Promise::Idempotent);
        ensure!(
            found.is_empty(),
            "{}: {:?}",
            self.topic,
            &found[..found.len().min(5)]
        );
        Ok(())
    }
}

async fn produce(
    client: Client,
    topic: Arc<str>,
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
                producer: 1,
                sequence,
            };
            sequence += 1;
            history.sent.insert(id);
            receipts.push((id, producer.send(&record(&topic, id)).await?));
        }
        for (id, receipt) in receipts {
            // One that was given up may or may not be in the log.
            let Ok(delivery) = receipt.delivered().await else {
                continue;
            };
            acknowledged.fetch_add(1, Ordering::Relaxed);
            if let Some(offset) = delivery.offset {
                let partition = delivery.partition;
                history.acked.insert(id, Place { partition, offset });
            }
        }
        tokio::time::sleep(BREATH).await;
    }
    producer.close().await;
    Ok(history)
}

/// Follows the topic, and once the end is near reads up to where it stands then.
async fn consume(client: Client, topic: Arc<str>, ending: Arc<AtomicBool>) -> Result<Read> {
    let partitions: Vec<_> = (0..PARTITIONS)
        .map(|partition| TopicPartition::new(Arc::clone(&topic), partition))
        .collect();
    let beginning: Vec<_> = partitions
        .iter()
        .map(|at| (at.clone(), Start::Earliest))
        .collect();
    let mut consumer = Consumer::new(&client, ConsumerOptions::default());
    consumer.assign(&beginning).await?;
    let mut read = Vec::new();
    loop {
        let ended = ending.load(Ordering::Relaxed);
        match consumer.poll().await {
            Ok(records) => {
                for record in records {
                    let (partition, offset) = (record.partition, record.offset);
                    let id = parse(&record.value.context("a value")?)?;
                    read.push((Place { partition, offset }, id));
                }
            }
            Err(error) if error.retryable() => {}
            Err(error) => return Err(error.into()),
        }
        if ended && at_end(&client, &consumer, &partitions).await? {
            return Ok(read);
        }
    }
}

async fn at_end(
    client: &Client,
    consumer: &Consumer,
    partitions: &[TopicPartition],
) -> Result<bool> {
    let asked: Vec<_> = partitions
        .iter()
        .map(|at| (at.clone(), OffsetSpec::Latest))
        .collect();
    let ends = client.list_offsets(&asked, false).await?;
    Ok(ends
        .iter()
        .all(|(at, end)| consumer.positions().get(at).copied() >= end.offset))
}

fn record(topic: &Arc<str>, id: RecordId) -> ProducerRecord {
    let key = id.sequence % KEYS;
    // Not by the key's hash: that would move keys when a test adds partitions.
    let partition = i32::try_from(key % u64::from(PARTITIONS.unsigned_abs()));
    ProducerRecord {
        topic: Arc::clone(topic),
        partition: partition.ok(),
        key: Some(Bytes::from(key.to_string())),
        value: Some(Bytes::from(id.sequence.to_string())),
        ..ProducerRecord::default()
    }
}

fn parse(value: &[u8]) -> Result<RecordId> {
    let sequence = std::str::from_utf8(value)?.parse()?;
    Ok(RecordId {
        producer: 1,
        sequence,
    })
}
