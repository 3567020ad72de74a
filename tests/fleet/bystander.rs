//! A client that behaves: it produces and fetches all the while, never reconnects, and fails at the
//! first thing that is not as it should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use millrace_client::admin::NewTopic;
use millrace_client::{Client, ClientOptions, Connection};
use millrace_records::{BatchBuilder, BatchHeader, NewRecord};
use millrace_tests::broker::Broker;
use millrace_types::{Clock, SystemClock, Uuid};
use millrace_wire::Records;
use millrace_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use millrace_wire::messages::fetch_response::PartitionData;
use millrace_wire::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use millrace_wire::messages::produce_response::PartitionProduceResponse;
use tokio::task::JoinHandle;

/// Longer than any turn takes on a busy machine, far shorter than what a client would forgive.
const TURN_LIMIT: Duration = Duration::from_secs(10);
/// A steady load, not as much as goes: the tests need the processor, too.
const TURN_PAUSE: Duration = Duration::from_millis(5);
/// So many turns more, and it was not just the kernel's buffers that answered.
const TURNS: u64 = 5;

/// One partition of a topic of its own, over one connection.
pub(crate) struct Line {
    connection: Connection,
    topic: Arc<str>,
    topic_id: Uuid,
}

impl Line {
    pub(crate) async fn open(broker: &Broker, topic: &str) -> Result<Self> {
        let options = ClientOptions::new(vec![broker.address().to_string()]);
        let client = Client::new(options.clone());
        let new = NewTopic {
            name: topic.into(),
            partitions: Some(1),
            ..NewTopic::default()
        };
        let (_, created) = client.create_topics(&[new], false).await?.swap_remove(0);
        Ok(Self {
            connection: Self::connect(broker).await?,
            topic: topic.into(),
            topic_id: created?.id,
        })
    }

    async fn connect(broker: &Broker) -> Result<Connection> {
        let address = broker.address();
        let options = ClientOptions::new(Vec::new());
        Ok(Connection::open(&address.ip().to_string(), address.port(), &options).await?)
    }

    /// The same partition over a new connection, perhaps to a new process.
    pub(crate) async fn reconnect(&mut self, broker: &Broker) -> Result<()> {
        self.connection = Self::connect(broker).await?;
        Ok(())
    }

    pub(crate) async fn produce(&self, batch: Vec<u8>) -> Result<PartitionProduceResponse> {
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 5000,
            topic_data: vec![TopicProduceData {
                name: Arc::clone(&self.topic),
                topic_id: self.topic_id,
                partition_data: vec![PartitionProduceData {
                    index: 0,
                    records: Records::Bytes(batch.into()),
                }],
            }],
            ..ProduceRequest::default()
        };
        let answer = self.connection.call(&request, TURN_LIMIT).await?;
        let topic = answer.responses.into_iter().next().context("a topic")?;
        topic
            .partition_responses
            .into_iter()
            .next()
            .context("a partition")
    }

    pub(crate) async fn fetch(&self, offset: i64) -> Result<PartitionData> {
        let answer = self
            .connection
            .call(&self.fetch_request(offset), TURN_LIMIT)
            .await?;
        let topic = answer.responses.into_iter().next().context("a topic")?;
        topic.partitions.into_iter().next().context("a partition")
    }

    /// Reads the partition to its end: how many records it has.
    pub(crate) async fn count(&self) -> Result<i64> {
        let mut offset = 0;
        loop {
            let found = self.fetch(offset).await?;
            ensure!(
                found.error_code == 0,
                "fetch at {offset}: error {}",
                found.error_code
            );
            let records = found.records.as_bytes().cloned().unwrap_or_default();
            let Some(last) = millrace_records::Batches::new(&records).last() else {
                return Ok(offset);
            };
            offset = last?.header().last_offset() + 1;
        }
    }

    /// As much as goes from this offset on, at once.
    pub(crate) fn fetch_request(&self, offset: i64) -> FetchRequest {
        FetchRequest {
            max_bytes: i32::MAX,
            topics: vec![FetchTopic {
                topic: Arc::clone(&self.topic),
                topic_id: self.topic_id,
                partitions: vec![FetchPartition {
                    fetch_offset: offset,
                    partition_max_bytes: i32::MAX,
                    ..FetchPartition::default()
                }],
            }],
            ..FetchRequest::default()
        }
    }

    async fn turn(&self, number: u64) -> Result<()> {
        let value = number.to_be_bytes();
        let produced = self.produce(batch_of(&[&value])?).await?;
        ensure!(
            produced.error_code == 0,
            "produce: error {}",
            produced.error_code
        );
        let fetched = self.fetch(produced.base_offset).await?;
        ensure!(
            fetched.error_code == 0,
            "fetch: error {}",
            fetched.error_code
        );
        let records = fetched.records.as_bytes().cloned().unwrap_or_default();
        let found = BatchHeader::read(&records)?;
        ensure!(
            found.base_offset == produced.base_offset,
            "another batch was fetched"
        );
        ensure!(
            records.ends_with(&tail_of(&value)),
            "another record was fetched"
        );
        Ok(())
    }
}

/// A record without headers ends with its value and their number, 0.
fn tail_of(value: &[u8]) -> Bytes {
    [value, &[0]].concat().into()
}

/// A batch of today: an old one would be retention's.
pub(crate) fn batch_of(values: &[&[u8]]) -> Result<Vec<u8>> {
    let timestamp = SystemClock::new().now();
    let mut builder = BatchBuilder::new(0);
    for value in values {
        builder.push(&NewRecord {
            timestamp,
            value: Some(value),
            ..NewRecord::default()
        })?;
    }
    Ok(builder.build()?)
}

pub(crate) struct Bystander {
    turns: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
    task: JoinHandle<Result<()>>,
}

impl Bystander {
    pub(crate) async fn start(broker: &Broker) -> Result<Self> {
        let line = Line::open(broker, "bystander").await?;
        let turns = Arc::new(AtomicU64::new(0));
        let ending = Arc::new(AtomicBool::new(false));
        let (count, end) = (Arc::clone(&turns), Arc::clone(&ending));
        let task = tokio::spawn(async move {
            while !end.load(Ordering::Relaxed) {
                let number = count.load(Ordering::Relaxed);
                line.turn(number)
                    .await
                    .with_context(|| format!("turn {number}"))?;
                count.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(TURN_PAUSE).await;
            }
            Ok(())
        });
        Ok(Self {
            turns,
            ending,
            task,
        })
    }

    /// Waits until it has done a few more turns.
    pub(crate) async fn goes_on(&self) -> Result<()> {
        let goal = self.turns.load(Ordering::Relaxed) + TURNS;
        while self.turns.load(Ordering::Relaxed) < goal && !self.task.is_finished() {
            tokio::time::sleep(TURN_PAUSE).await;
        }
        ensure!(!self.task.is_finished(), "the bystander was disturbed");
        Ok(())
    }

    /// Ends it, and says what disturbed it.
    pub(crate) async fn end(self) -> Result<()> {
        self.ending.store(true, Ordering::Relaxed);
        self.task.await?.context("the bystander was disturbed")
    }
}
