//! ListOffsets: the ends of a log, and where a time lies in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_records::validate::expansion_limit;
use millrace_replication::Partition;
use millrace_types::{
    ErrorCode, LeaderEpoch, NO_LEADER_EPOCH, NO_OFFSET, NO_TIMESTAMP, Offset, PartitionIndex,
};
use millrace_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use millrace_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};

use crate::call::Call;

// Times with a meaning of their own, as the protocol numbers them.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// Answers carry the leader's epoch since this version.
const EPOCHS_SINCE: i16 = 4;

const READ_UNCOMMITTED: i8 = 0;

/// What was found.
struct Found {
    timestamp: i64,
    offset: Offset,
    epoch: LeaderEpoch,
}

impl Found {
    const NOTHING: Self = Self {
        timestamp: NO_TIMESTAMP,
        offset: NO_OFFSET,
        epoch: NO_LEADER_EPOCH,
    };
}

pub(crate) fn handle(call: &Call, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let committed_only = request.isolation_level != READ_UNCOMMITTED;
    let repeated = repeated(&request);
    let mut refused = BTreeSet::new();
    let mut response = ListOffsetsResponse::default();
    for topic in request.topics {
        let mut answers = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let partition = (Arc::clone(&topic.name), asked.partition_index);
            let found = if !repeated.contains(&partition) {
                find(call, &topic.name, asked, committed_only)
            } else if refused.insert(partition) {
                Err(ErrorCode::InvalidRequest)
            } else {
                continue;
            };
            answers.push(answer(call, asked, found));
        }
        let topic = ListOffsetsTopicResponse {
            name: topic.name,
            partitions: answers,
        };
        response.topics.push(topic);
    }
    response
}

/// Partitions that are asked for more than once. An answer names no question, so none is given, and
/// all of them are refused as one, as in Kafka.
fn repeated(request: &ListOffsetsRequest) -> BTreeSet<(Arc<str>, PartitionIndex)> {
    let mut seen = BTreeSet::new();
    let partitions = request.topics.iter().flat_map(|topic| {
        let indexes = topic.partitions.iter();
        indexes.map(|asked| (Arc::clone(&topic.name), asked.partition_index))
    });
    partitions
        .filter(|partition| !seen.insert(partition.clone()))
        .collect()
}

fn answer(
    call: &Call,
    asked: &ListOffsetsPartition,
    found: Result<Found, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let (code, found) = match found {
        Ok(found) => (ErrorCode::None, found),
        Err(code) => (code, Found::NOTHING),
    };
    if !code.is_none() {
        call.context.metrics.requests.failed(call.key, code);
    }
    ListOffsetsPartitionResponse {
        partition_index: asked.partition_index,
        error_code: code.code(),
        timestamp: found.timestamp,
        offset: found.offset,
        leader_epoch: if call.version >= EPOCHS_SINCE {
            found.epoch
        } else {
            NO_LEADER_EPOCH
        },
    }
}

fn find(
    call: &Call,
    topic: &str,
    asked: &ListOffsetsPartition,
    committed_only: bool,
) -> Result<Found, ErrorCode> {
    let partition = call.context.partition(topic, asked.partition_index)?;
    let epoch = partition.check_epoch(asked.current_leader_epoch)?;
    let view = partition.view();
    let end = if committed_only {
        partition.last_stable_offset()
    } else {
        partition.high_watermark()
    };
    let at = |offset, epoch| Found {
        timestamp: NO_TIMESTAMP,
        offset,
        epoch,
    };
    match asked.timestamp {
        LATEST => Ok(at(end, epoch)),
        EARLIEST | EARLIEST_LOCAL => {
            let start = view.start_offset();
            Ok(at(start, view.epoch_at(start).unwrap_or(NO_LEADER_EPOCH)))
        }
        // Nothing is tiered here: no offset is in remote storage, none waits for it.
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(Found::NOTHING),
        MAX_TIMESTAMP => by_time(&partition, None, end),
        timestamp if timestamp >= 0 => by_time(&partition, Some(timestamp), end),
        _ => Err(ErrorCode::UnsupportedVersion),
    }
}

/// The first record at or after a time, or the first of the latest ones.
fn by_time(partition: &Partition, timestamp: Option<i64>, end: Offset) -> Result<Found, ErrorCode> {
    let limit = expansion_limit(partition.topic().config.load().max_message_bytes);
    let view = partition.view();
    let found = match timestamp {
        Some(timestamp) => view.offset_for_timestamp(timestamp, limit),
        None => view.max_timestamp(limit),
    };
    let found = found.map_err(|error| partition.code_of(&error))?;
    Ok(match found {
        Some(found) if found.offset < end => Found {
            timestamp: found.timestamp,
            offset: found.offset,
            epoch: view.epoch_at(found.offset).unwrap_or(NO_LEADER_EPOCH),
        },
        _ => Found::NOTHING,
    })
}
