//! DescribeLogDirs: how much each partition takes of each data directory.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use millrace_replication::Partition;
use millrace_types::ErrorCode;
use millrace_wire::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use millrace_wire::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};

use crate::call::Call;

pub(crate) fn handle(call: &Call, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let partitions = asked_for(call, request);
    let results = call
        .context
        .log_dirs
        .iter()
        .map(|dir| DescribeLogDirsResult {
            topics: topics_in(dir, &partitions),
            ..describe(call, dir)
        });
    DescribeLogDirsResponse {
        results: results.collect(),
        ..DescribeLogDirsResponse::default()
    }
}

fn asked_for(call: &Call, request: DescribeLogDirsRequest) -> Vec<Arc<Partition>> {
    let topics = &call.context.topics;
    match request.topics {
        None => topics
            .all()
            .iter()
            .flat_map(|topic| topic.partitions())
            .collect(),
        Some(asked) => {
            let asked: BTreeSet<_> = asked
                .into_iter()
                .flat_map(|topic| {
                    topic
                        .partitions
                        .into_iter()
                        .map(move |p| (topic.topic.clone(), p))
                })
                .collect();
            asked
                .iter()
                .filter_map(|(name, index)| topics.partition(name, *index))
                .collect()
        }
    }
}

fn describe(call: &Call, dir: &Path) -> DescribeLogDirsResult {
    let log_dir = dir.to_string_lossy().into();
    let bytes = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
    match call.context.disk.space(dir) {
        Ok(space) => DescribeLogDirsResult {
            log_dir,
            // The directory serves what it has; the room it has left may say why it takes no more.
            error_code: match call.context.topics.is_any_unmade_in(dir) {
                true => ErrorCode::KafkaStorageError.code(),
                false => ErrorCode::None.code(),
            },
            total_bytes: bytes(space.total),
            usable_bytes: bytes(space.usable),
            ..DescribeLogDirsResult::default()
        },
        Err(_) => DescribeLogDirsResult {
            log_dir,
            error_code: ErrorCode::KafkaStorageError.code(),
            ..DescribeLogDirsResult::default()
        },
    }
}

fn topics_in(dir: &Path, partitions: &[Arc<Partition>]) -> Vec<DescribeLogDirsTopic> {
    let mut topics: BTreeMap<Arc<str>, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for partition in partitions {
        if partition.view().dir().path().parent() != Some(dir) {
            continue;
        }
        let described = DescribeLogDirsPartition {
            partition_index: partition.id().partition,
            partition_size: i64::try_from(partition.view().size_in_bytes()).unwrap_or(i64::MAX),
            offset_lag: 0,
            is_future_key: false,
        };
        topics
            .entry(Arc::clone(&partition.id().topic))
            .or_default()
            .push(described);
    }
    topics
        .into_iter()
        .map(|(name, partitions)| DescribeLogDirsTopic { name, partitions })
        .collect()
}
