//! Produce: batches are checked where they lie in the request and appended at once; only the
//! acknowledgement may wait.

mod check;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use millrace_replication::{Appended, Partition, Placed, Topic};
use millrace_types::{ErrorCode, NO_TIMESTAMP, Timestamp, is_internal_topic};
use millrace_wire::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use millrace_wire::messages::produce_response::{
    PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};
use millrace_wire::{Decoder, Records};
use tokio::time::Instant;

use crate::call::{Call, timed};
use crate::connection::{CloseReason, Finished, Outcome};
use refusal::{count_failure, error_response, refused};

/// The one client that may write the fleet's own topics, as in Kafka.
const ADMIN_CLIENT: &str = "__admin_client";

/// Topics have ids instead of names since this version.
const TOPIC_IDS_SINCE: i16 = 13;

/// Who has to have a batch before its producer is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Acks {
    None,
    Leader,
    All,
}

/// One topic's part of the request on its way to an answer.
struct TopicParts {
    response: TopicProduceResponse,
    parts: Vec<Part>,
}

/// One partition's part.
enum Part {
    Answered(Box<PartitionProduceResponse>),
    Appended(Pending),
}

struct Pending {
    topic: Arc<Topic>,
    partition: Arc<Partition>,
    appended: Appended,
    append_time: Timestamp,
}

pub(crate) fn handle(call: Call, body: &mut Decoder) -> Outcome {
    let request = match call.decode::<ProduceRequest>(body) {
        Ok(request) => request,
        Err(error) => return Outcome::Now(call.refuse(&error)),
    };
    let acks = match request.acks {
        0 => Some(Acks::None),
        1 => Some(Acks::Leader),
        -1 => Some(Acks::All),
        _ => None,
    };
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let topics: Vec<_> = request
        .topic_data
        .into_iter()
        .map(|data| append_topic(&call, data, acks))
        .collect();
    if acks == Some(Acks::None) {
        call.context
            .metrics
            .requests
            .answered(call.key, call.version);
        return Outcome::Now(unacknowledged(&topics));
    }
    Outcome::Pipelined(timed(Arc::clone(&call.context), async move {
        let response = settle(&call, topics, acks, timeout).await;
        call.answer::<ProduceRequest>(&response, &[])
    }))
}

fn append_topic(call: &Call, data: TopicProduceData, acks: Option<Acks>) -> TopicParts {
    let topic = find_topic(call, &data);
    if let Ok(topic) = &topic {
        topic.shared.meter.produce_requests.increment();
        call.context.metrics.all_topics.produce_requests.increment();
    }
    let parts = data
        .partition_data
        .into_iter()
        .map(|part| match (&topic, acks) {
            (_, None) => failed(call, part.index, ErrorCode::InvalidRequiredAcks),
            (Err(code), _) => failed(call, part.index, *code),
            (Ok(topic), Some(acks)) => append_partition(call, topic, part, acks),
        });
    let parts = parts.collect();
    let response = TopicProduceResponse {
        name: data.name,
        topic_id: data.topic_id,
        ..TopicProduceResponse::default()
    };
    TopicParts { response, parts }
}

fn find_topic(call: &Call, data: &TopicProduceData) -> Result<Arc<Topic>, ErrorCode> {
    let topics = &call.context.topics;
    let topic = if call.version >= TOPIC_IDS_SINCE {
        topics
            .get_by_id(data.topic_id)
            .ok_or(ErrorCode::UnknownTopicId)?
    } else {
        topics
            .get(&data.name)
            .ok_or(ErrorCode::UnknownTopicOrPartition)?
    };
    let is_admin = call.client_id.as_deref() == Some(ADMIN_CLIENT);
    if is_internal_topic(&topic.shared.name) && !is_admin {
        return Err(ErrorCode::InvalidTopicException);
    }
    Ok(topic)
}

fn append_partition(
    call: &Call,
    topic: &Arc<Topic>,
    part: PartitionProduceData,
    acks: Acks,
) -> Part {
    let partition = match call.context.partition_of(topic, part.index) {
        Ok(partition) => partition,
        Err(code) => return failed(call, part.index, code),
    };
    let bytes = match part.records {
        Records::Bytes(bytes) => bytes,
        Records::Null | Records::External { .. } => bytes::Bytes::new(),
    };
    let size = bytes.len() as u64;
    let now = call.context.clock.now();
    let config = topic.shared.config.load();
    let batch = match check::check(bytes, &config, call.version, now) {
        Ok(batch) => batch,
        Err(error) => {
            let code = error.code();
            count_failure(call, topic, code, size);
            for meter in [&topic.shared.meter, &call.context.metrics.all_topics] {
                meter
                    .keyless_compacted_records
                    .add(check::keyless_records(&error));
            }
            return Part::Answered(Box::new(refusal::invalid(part.index, &error)));
        }
    };
    let records = u64::try_from(batch.header.record_count).unwrap_or(0);
    let appended = partition.append(batch, acks == Acks::All, now);
    for meter in [&topic.shared.meter, &call.context.metrics.all_topics] {
        meter.bytes_in.add(size);
        meter.messages_in.add(records);
    }
    let append_time = check::append_time(&config, now);
    Part::Appended(Pending {
        topic: Arc::clone(topic),
        partition,
        appended,
        append_time,
    })
}

fn failed(call: &Call, index: i32, code: ErrorCode) -> Part {
    call.context.metrics.requests.failed(call.key, code);
    call.context
        .metrics
        .all_topics
        .failed_produce_requests
        .increment();
    Part::Answered(Box::new(error_response(index, code)))
}

/// Nobody reads an answer, so a failure can only be told by closing the connection.
fn unacknowledged(topics: &[TopicParts]) -> Finished {
    let failure = topics
        .iter()
        .flat_map(|topic| &topic.parts)
        .find_map(|part| match part {
            Part::Answered(response) => Some(ErrorCode::from_code(response.error_code)),
            Part::Appended(Pending {
                appended: Appended::Done(Err(error)),
                ..
            }) => Some(error.code()),
            Part::Appended(_) => None,
        });
    match failure {
        Some(code) => Finished::Close(CloseReason::UnacknowledgedProduce(code.name())),
        None => Finished::Silent,
    }
}

async fn settle(
    call: &Call,
    topics: Vec<TopicParts>,
    acks: Option<Acks>,
    timeout: Duration,
) -> ProduceResponse {
    let mut deadline = None;
    let mut response = ProduceResponse::default();
    for TopicParts {
        response: mut topic,
        parts,
    } in topics
    {
        for part in parts {
            let settled = match part {
                Part::Answered(answer) => *answer,
                Part::Appended(pending) => {
                    let all = acks == Some(Acks::All);
                    pending.settle(call, all, timeout, &mut deadline).await
                }
            };
            topic.partition_responses.push(settled);
        }
        response.responses.push(topic);
    }
    response
}

impl Pending {
    /// Waits until the batch is in the log and on the disk if that is asked for, and with `all`
    /// until every replica in sync has it.
    async fn settle(
        self,
        call: &Call,
        all: bool,
        timeout: Duration,
        deadline: &mut Option<Instant>,
    ) -> PartitionProduceResponse {
        let Self {
            topic,
            partition,
            appended,
            append_time,
        } = self;
        let index = partition.id().partition;
        let placed = match appended.placed().await {
            Ok(placed) => placed,
            Err(error) => return refused(call, &topic, &partition, &error),
        };
        if let Some(done) = partition.acknowledged(placed.end_offset, all) {
            let deadline = *deadline.get_or_insert_with(|| deadline_in(timeout));
            let committed = match tokio::time::timeout_at(deadline, done).await {
                Ok(Ok(committed)) => committed,
                Ok(Err(_)) => Err(ErrorCode::NotLeaderOrFollower),
                Err(_) => Err(ErrorCode::RequestTimedOut),
            };
            if let Err(code) = committed {
                count_failure(call, &topic, code, 0);
                return error_response(index, code);
            }
        }
        acknowledge(&partition, placed, append_time)
    }
}

fn deadline_in(timeout: Duration) -> Instant {
    Instant::now() + timeout
}

fn acknowledge(
    partition: &Partition,
    placed: Placed,
    append_time: Timestamp,
) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index: partition.id().partition,
        base_offset: placed.base_offset,
        log_append_time_ms: match (append_time, placed.duplicate_of) {
            (NO_TIMESTAMP, _) => NO_TIMESTAMP,
            (_, Some(first)) => first,
            (now, None) => now,
        },
        log_start_offset: partition.view().start_offset(),
        ..PartitionProduceResponse::default()
    }
}
