//! What a fetch finds at its partitions at one moment, and the answer made of it.

use std::sync::Arc;

use millrace_replication::{Isolation, Partition, ReadAnswer, ReadAsk};
use millrace_types::{ErrorCode, LeaderEpoch, NO_LEADER_EPOCH, NO_OFFSET, Offset};
use millrace_wire::Records;
use millrace_wire::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchResponse, FetchableTopicResponse, PartitionData,
};

use crate::call::Call;
use crate::fetch_session::{FetchPlan, Interest, News, PartitionRef, Told, TopicRef};
use crate::reply::FileSlice;

/// What holds for all partitions of one fetch.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_bytes: usize,
    pub(super) isolation: Isolation,
}

/// What was found at one partition.
enum Found {
    Records(ReadAnswer),
    /// The consumer's log and this one part ways here.
    Diverging {
        epoch: LeaderEpoch,
        end_offset: Offset,
        answer: ReadAnswer,
    },
    Failed(ErrorCode, Option<Arc<Partition>>),
}

/// What was found at all of them, in the order asked for.
pub(super) struct Gathered {
    found: Vec<Found>,
    bytes: usize,
    urgent: bool,
}

pub(super) fn find(call: &Call, partition: &PartitionRef) -> Result<Arc<Partition>, ErrorCode> {
    let topics = &call.context.topics;
    let topic = match &partition.topic {
        TopicRef::Id(id) => topics.get_by_id(*id).ok_or(ErrorCode::UnknownTopicId)?,
        TopicRef::Name(name) => topics.get(name).ok_or(ErrorCode::UnknownTopicOrPartition)?,
    };
    call.context.partition_of(&topic, partition.partition)
}

pub(super) fn gather(call: &Call, plan: &FetchPlan, limits: &Limits) -> Gathered {
    let mut gathered = Gathered {
        found: Vec::with_capacity(plan.partitions.len()),
        bytes: 0,
        urgent: false,
    };
    for (partition, interest) in &plan.partitions {
        let found = look(call, partition, interest, limits, gathered.bytes);
        match &found {
            Found::Records(ReadAnswer {
                slice: Some(slice), ..
            }) => gathered.bytes += slice.len,
            Found::Records(_) => {}
            Found::Diverging { .. } | Found::Failed(..) => gathered.urgent = true,
        }
        gathered.found.push(found);
    }
    gathered
}

fn look(
    call: &Call,
    partition: &PartitionRef,
    interest: &Interest,
    limits: &Limits,
    gathered: usize,
) -> Found {
    let partition = match find(call, partition) {
        Ok(partition) => partition,
        Err(code) => return Found::Failed(code, None),
    };
    let diverging = diverging(&partition, interest);
    let own_max = usize::try_from(interest.max_bytes).unwrap_or(0);
    let left = limits.max_bytes.saturating_sub(gathered);
    let ask = ReadAsk {
        offset: interest.fetch_offset,
        max_bytes: if diverging.is_some() {
            0
        } else {
            own_max.min(left)
        },
        isolation: limits.isolation,
        leader_epoch: interest.current_leader_epoch,
        // The first records of an answer come whole, however large: a consumer must get on.
        min_one_batch: gathered == 0 && diverging.is_none(),
    };
    match (partition.read(&ask), diverging) {
        (Ok(answer), Some((epoch, end_offset))) => Found::Diverging {
            epoch,
            end_offset,
            answer,
        },
        (Ok(answer), None) => Found::Records(answer),
        (Err(code), _) => Found::Failed(code, Some(partition)),
    }
}

/// Where the log that the consumer read ends in this one, when it does so before where the
/// consumer wants to go on (KIP-320, KIP-595).
fn diverging(partition: &Partition, interest: &Interest) -> Option<(LeaderEpoch, Offset)> {
    let epoch = interest.last_fetched_epoch;
    if epoch == NO_LEADER_EPOCH {
        return None;
    }
    let (known, end) = partition.view().end_offset_for_epoch(epoch)?;
    (known < epoch || end < interest.fetch_offset).then_some((known, end))
}

impl Gathered {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether waiting would gain the consumer nothing.
    pub(super) fn answers_at_once(&self, min_bytes: usize) -> bool {
        self.urgent || self.bytes >= min_bytes
    }

    pub(super) fn into_response(
        self,
        call: &Call,
        plan: &FetchPlan,
    ) -> (FetchResponse, Vec<FileSlice>) {
        let news: Vec<_> = self.found.iter().map(news).collect();
        let keys = plan.partitions.iter().map(|(partition, _)| partition);
        let told = call.context.sessions.tell(plan, keys.clone().zip(&news));
        let mut response = FetchResponse {
            session_id: plan.session_id(),
            ..FetchResponse::default()
        };
        let mut slices = Vec::new();
        for ((partition, found), told) in keys.zip(self.found).zip(told) {
            count(call, partition, &found);
            if told {
                let data = partition_data(partition, found, &mut slices);
                push(&mut response, partition, data);
            }
        }
        (response, slices)
    }
}

fn news(found: &Found) -> News {
    let (answer, urgent, failed) = match found {
        Found::Records(answer) => (Some(answer), answer.slice.is_some(), false),
        Found::Diverging { answer, .. } => (Some(answer), true, false),
        Found::Failed(..) => (None, true, true),
    };
    let told = Told {
        high_watermark: answer.map_or(NO_OFFSET, |answer| answer.high_watermark),
        log_start_offset: answer.map_or(NO_OFFSET, |answer| answer.log_start_offset),
    };
    News {
        told,
        urgent,
        failed,
    }
}

fn count(call: &Call, partition: &PartitionRef, found: &Found) {
    let metrics = &call.context.metrics;
    let topic = find(call, partition).ok();
    let meters = topic
        .iter()
        .map(|partition| &partition.topic().meter)
        .chain([&metrics.all_topics]);
    for meter in meters {
        meter.fetch_requests.increment();
        match found {
            Found::Records(ReadAnswer {
                slice: Some(slice), ..
            }) => {
                meter.bytes_out.add(slice.len as u64);
            }
            Found::Failed(..) => meter.failed_fetch_requests.increment(),
            _ => {}
        }
    }
    if let Found::Failed(code, _) = found {
        metrics.requests.failed(call.key, *code);
    }
}

/// Partitions of one topic that follow each other share an entry.
fn push(response: &mut FetchResponse, partition: &PartitionRef, data: PartitionData) {
    let is_same = |topic: &FetchableTopicResponse| match &partition.topic {
        TopicRef::Id(id) => topic.topic_id == *id,
        TopicRef::Name(name) => topic.topic == *name,
    };
    if let Some(topic) = response.responses.last_mut().filter(|topic| is_same(topic)) {
        topic.partitions.push(data);
        return;
    }
    let mut topic = FetchableTopicResponse {
        partitions: vec![data],
        ..Default::default()
    };
    match &partition.topic {
        TopicRef::Id(id) => topic.topic_id = *id,
        TopicRef::Name(name) => topic.topic = Arc::clone(name),
    }
    response.responses.push(topic);
}

fn partition_data(
    partition: &PartitionRef,
    found: Found,
    slices: &mut Vec<FileSlice>,
) -> PartitionData {
    let partition_index = partition.partition;
    match found {
        Found::Records(answer) => from_answer(partition_index, answer, slices),
        Found::Diverging {
            epoch,
            end_offset,
            answer,
        } => PartitionData {
            diverging_epoch: EpochEndOffset { epoch, end_offset },
            ..from_answer(partition_index, answer, slices)
        },
        Found::Failed(code, partition) => {
            // A consumer that is out of range learns from these where the range is.
            let (high_watermark, log_start_offset) = match (code, partition) {
                (ErrorCode::OffsetOutOfRange, Some(partition)) => {
                    (partition.high_watermark(), partition.view().start_offset())
                }
                _ => (NO_OFFSET, NO_OFFSET),
            };
            PartitionData {
                partition_index,
                error_code: code.code(),
                high_watermark,
                last_stable_offset: NO_OFFSET,
                log_start_offset,
                ..PartitionData::default()
            }
        }
    }
}

fn from_answer(
    partition_index: i32,
    answer: ReadAnswer,
    slices: &mut Vec<FileSlice>,
) -> PartitionData {
    let aborted = answer.aborted.map(|aborted| {
        let entry = |txn: millrace_log::AbortedTxn| AbortedTransaction {
            producer_id: txn.producer_id,
            first_offset: txn.first_offset,
        };
        aborted.into_iter().map(entry).collect()
    });
    PartitionData {
        partition_index,
        high_watermark: answer.high_watermark,
        last_stable_offset: answer.last_stable_offset,
        log_start_offset: answer.log_start_offset,
        aborted_transactions: aborted,
        records: answer.slice.map_or(Records::EMPTY, |slice| {
            let slot = u32::try_from(slices.len()).expect("no answer has 2^32 partitions");
            let len = u32::try_from(slice.len).expect("a read is smaller than a segment");
            slices.push(FileSlice {
                file: slice.file,
                position: slice.position,
                len,
            });
            Records::External { slot, len }
        }),
        ..PartitionData::default()
    }
}
