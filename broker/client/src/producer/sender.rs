//! The task behind a producer: takes batches that are due, sends them to their leaders, and
//! decides what an answer means for each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use millrace_types::{ErrorCode, NodeId, TopicPartition};
use millrace_wire::messages::init_producer_id_request::InitProducerIdRequest;
use millrace_wire::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use millrace_wire::messages::produce_response::{PartitionProduceResponse, ProduceResponse};
use millrace_wire::{ApiKey, Records};
use tokio::time::Instant;

use crate::cluster::Client;
use crate::error::ClientError;
use crate::producer::accumulator::{Batch, Due, Fate, Identity};
use crate::producer::record::{Acks, ProducerOptions};
use crate::producer::shared::Shared;

/// How long the broker may wait for its followers.
const WRITE_TIMEOUT_MS: i32 = 30_000;
/// A look at the clock when nothing else is due.
const IDLE: Duration = Duration::from_secs(60);

type Sent = Vec<(TopicPartition, Batch, Fate)>;

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut flights = FuturesUnordered::new();
    let mut identity = None;
    loop {
        let unnumbered = shared.options.idempotent && identity.is_none();
        if unnumbered && shared.accumulator.lock().has_work() {
            identity = numbered(&shared).await;
        }
        let due = if shared.options.idempotent && identity.is_none() {
            Due::default()
        } else {
            let mut accumulator = shared.accumulator.lock();
            accumulator.take_due(Instant::now(), identity)
        };
        for (at, batch, error) in due.unwritable {
            finish(&shared, &at, batch, Err(error));
        }
        for (leader, batches) in by_leader(&shared.client, due.batches) {
            flights.push(fly(Arc::clone(&shared), leader, batches));
        }
        let next = shared.accumulator.lock().next_due();
        let next = next.unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            () = shared.wake.notified() => {}
            () = tokio::time::sleep_until(next) => {}
            Some(sent) = flights.next() => {
                for (at, batch, fate) in sent {
                    if land(&shared, &at, batch, fate) == Numbering::Broken {
                        identity = None;
                    }
                }
            }
        }
    }
}

/// A producer id. Without one nothing can be sent, so what waits is given up.
async fn numbered(shared: &Shared) -> Option<Identity> {
    let client = &shared.client;
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..InitProducerIdRequest::default()
    };
    let answer = client
        .retrying(|| async {
            let answer = client.call_any(&request).await?;
            ClientError::check(answer.error_code, None)?;
            Ok(answer)
        })
        .await;
    match answer {
        Ok(answer) => Some(Identity {
            id: answer.producer_id,
            epoch: answer.producer_epoch,
        }),
        Err(error) => {
            let waiting = {
                let mut accumulator = shared.accumulator.lock();
                accumulator.flush();
                accumulator.take_due(Instant::now(), None)
            };
            let unwritable = waiting.unwritable.into_iter();
            let unwritable = unwritable.map(|(at, batch, _)| (at, batch));
            for (at, batch) in waiting.batches.into_iter().chain(unwritable) {
                finish(shared, &at, batch, Err(error.clone()));
            }
            None
        }
    }
}

/// `None` collects the partitions without a known leader.
fn by_leader(
    client: &Client,
    due: Vec<(TopicPartition, Batch)>,
) -> BTreeMap<Option<NodeId>, Vec<(TopicPartition, Batch)>> {
    let view = client.last_view();
    let mut by_leader: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (at, batch) in due {
        let leader = view.leader(&at.topic, at.partition);
        by_leader.entry(leader).or_default().push((at, batch));
    }
    by_leader
}

async fn fly(
    shared: Arc<Shared>,
    leader: Option<NodeId>,
    batches: Vec<(TopicPartition, Batch)>,
) -> Sent {
    let client = &shared.client;
    let sent = match leader {
        Some(leader) => send(client, &shared.options, leader, batches).await,
        None => refuse(batches, |at| ClientError::NoLeader {
            topic: Arc::clone(&at.topic),
            partition: at.partition,
        }),
    };
    let moved = sent
        .iter()
        .filter(|(_, _, fate)| fate.as_ref().is_err_and(ClientError::retryable));
    let topics: Vec<_> = moved.map(|(at, _, _)| Arc::clone(&at.topic)).collect();
    if !topics.is_empty()
        && let Err(error) = client.refresh(&topics).await
    {
        tracing::debug!(%error, "cannot look for new leaders");
    }
    sent
}

async fn send(
    client: &Client,
    options: &ProducerOptions,
    leader: NodeId,
    batches: Vec<(TopicPartition, Batch)>,
) -> Sent {
    let request = request(options, &batches);
    if options.acks == Acks::None {
        return match client.send_node(leader, &request).await {
            Ok(()) => {
                let written = batches.into_iter();
                written.map(|(at, batch)| (at, batch, Ok(None))).collect()
            }
            Err(error) => refuse(batches, |_| error.clone()),
        };
    }
    match client.call_node(leader, &request, Duration::ZERO).await {
        Ok(answer) => batches
            .into_iter()
            .map(|(at, batch)| {
                let fate = fate_of(&at, &answer);
                (at, batch, fate)
            })
            .collect(),
        Err(error) => refuse(batches, |_| error.clone()),
    }
}

fn refuse(
    batches: Vec<(TopicPartition, Batch)>,
    why: impl Fn(&TopicPartition) -> ClientError,
) -> Sent {
    let refused = batches.into_iter();
    refused
        .map(|(at, batch)| {
            let error = why(&at);
            (at, batch, Err(error))
        })
        .collect()
}

fn request(options: &ProducerOptions, batches: &[(TopicPartition, Batch)]) -> ProduceRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<PartitionProduceData>> = BTreeMap::new();
    for (at, batch) in batches {
        let records = batch.encoded.clone().unwrap_or_default();
        topics
            .entry(&at.topic)
            .or_default()
            .push(PartitionProduceData {
                index: at.partition,
                records: Records::Bytes(records),
            });
    }
    let topic_data = topics
        .into_iter()
        .map(|(name, partition_data)| TopicProduceData {
            name: Arc::clone(name),
            partition_data,
            ..TopicProduceData::default()
        });
    ProduceRequest {
        transactional_id: None,
        acks: match options.acks {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        },
        timeout_ms: WRITE_TIMEOUT_MS,
        topic_data: topic_data.collect(),
    }
}

fn fate_of(at: &TopicPartition, answer: &ProduceResponse) -> Fate {
    let topic = answer.responses.iter().find(|topic| topic.name == at.topic);
    let partition = topic.and_then(|topic| {
        let mut partitions = topic.partition_responses.iter();
        partitions.find(|partition| partition.index == at.partition)
    });
    match partition {
        Some(partition) => written(partition),
        None => Err(ClientError::Incomplete {
            api: ApiKey::Produce,
            what: at.to_string(),
        }),
    }
}

fn written(partition: &PartitionProduceResponse) -> Fate {
    match ErrorCode::from_code(partition.error_code) {
        ErrorCode::None => Ok((partition.base_offset >= 0).then_some(partition.base_offset)),
        // The broker has it from an earlier try.
        ErrorCode::DuplicateSequenceNumber => Ok(None),
        code => Err(ClientError::Server {
            code,
            message: partition.error_message.clone(),
        }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Kept,
    /// A number is missing for good: whatever follows needs a new series.
    Broken,
}

fn land(shared: &Shared, at: &TopicPartition, mut batch: Batch, fate: Fate) -> Numbering {
    let error = match fate {
        Err(error) if error.retryable() => error,
        fate => {
            let broken = fate.is_err();
            finish(shared, at, batch, fate);
            return if broken {
                Numbering::Broken
            } else {
                Numbering::Kept
            };
        }
    };
    let now = Instant::now();
    let limit = shared.options.delivery_timeout;
    if batch.age(now) >= limit {
        tracing::debug!(%error, %at, "a batch is given up");
        finish(
            shared,
            at,
            batch,
            Err(ClientError::Undelivered { waited: limit }),
        );
        return Numbering::Broken;
    }
    batch.failures += 1;
    let options = shared.client.options();
    let wait = options.retry.wait(batch.failures, options.jitter.next());
    shared.accumulator.lock().put_back(at, batch, now + wait);
    Numbering::Kept
}

fn finish(shared: &Shared, at: &TopicPartition, batch: Batch, fate: Fate) {
    shared.room.add_permits(batch.room);
    batch.finish(fate);
    shared.accumulator.lock().settled(at);
    shared.unfinished.send_modify(|count| *count -= 1);
}
