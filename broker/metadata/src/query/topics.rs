//! Metadata: the brokers, and where the partitions of some or all topics are.

use std::collections::BTreeSet;
use std::sync::Arc;

use millrace_types::{ErrorCode, is_internal_topic, validate_topic_name};
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use millrace_wire::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};

use crate::image::MetadataImage;
use crate::image::topics::Topic;
use crate::query::view::{Asker, PartitionView, reachable};

/// From this version on, a topic may be named by its id alone.
const TOPIC_IDS_SINCE: i16 = 12;
/// Before this version, clients do not know the error for a missing listener.
const LISTENER_ERROR_SINCE: i16 = 6;

/// Topics are answered in the order of the question, all topics in the order of their names.
#[must_use]
pub fn metadata(
    image: &MetadataImage,
    request: &MetadataRequest,
    version: i16,
    asker: Asker<'_>,
) -> MetadataResponse {
    let describe = |topic: &Arc<Topic>| describe(image, topic, version, asker);
    let topics = match &request.topics {
        Some(asked) if !(version == 0 && asked.is_empty()) => {
            let mut seen = BTreeSet::new();
            let distinct = asked
                .iter()
                .filter(|topic| seen.insert((topic.topic_id, topic.name.as_deref())));
            let answer = |topic| match find(image, topic, version) {
                Ok(topic) => describe(topic),
                Err(error) => unknown(topic, error, version),
            };
            distinct.map(answer).collect()
        }
        _ => image.topics.iter().map(describe).collect(),
    };
    let brokers =
        reachable(image, asker.listener).map(|(broker, endpoint)| MetadataResponseBroker {
            node_id: broker.id.0,
            host: Arc::clone(&endpoint.host),
            port: i32::from(endpoint.port),
            rack: broker.rack.clone(),
        });
    MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(Arc::clone(&image.cluster_id)),
        controller_id: asker.controller.map_or(-1, |node| node.0),
        topics,
        ..MetadataResponse::default()
    }
}

/// The legal names in the question that no topic has: those that may be created for the asker.
pub fn unknown_topics<'a>(
    image: &'a MetadataImage,
    request: &'a MetadataRequest,
) -> impl Iterator<Item = &'a Arc<str>> {
    let asked = request.topics.iter().flatten();
    asked
        .filter(|topic| topic.topic_id.is_zero())
        .filter_map(|topic| topic.name.as_ref())
        .filter(|name| validate_topic_name(name).is_ok() && image.topics.get(name).is_none())
}

fn find<'a>(
    image: &'a MetadataImage,
    asked: &MetadataRequestTopic,
    version: i16,
) -> Result<&'a Arc<Topic>, ErrorCode> {
    if !asked.topic_id.is_zero() {
        if version < TOPIC_IDS_SINCE {
            return Err(ErrorCode::InvalidRequest);
        }
        return image
            .topics
            .get_by_id(asked.topic_id)
            .ok_or(ErrorCode::UnknownTopicId);
    }
    let Some(name) = &asked.name else {
        return Err(ErrorCode::InvalidRequest);
    };
    validate_topic_name(name).map_err(|_| ErrorCode::InvalidTopicException)?;
    image
        .topics
        .get(name)
        .ok_or(ErrorCode::UnknownTopicOrPartition)
}

fn unknown(asked: &MetadataRequestTopic, error: ErrorCode, version: i16) -> MetadataResponseTopic {
    let name = match &asked.name {
        None if version < TOPIC_IDS_SINCE => Some(Arc::default()),
        name => name.clone(),
    };
    MetadataResponseTopic {
        error_code: error.code(),
        is_internal: name.as_deref().is_some_and(is_internal_topic),
        name,
        topic_id: asked.topic_id,
        ..MetadataResponseTopic::default()
    }
}

fn describe(
    image: &MetadataImage,
    topic: &Arc<Topic>,
    version: i16,
    asker: Asker<'_>,
) -> MetadataResponseTopic {
    let partitions = topic.indexed().map(|(index, partition)| {
        let view = PartitionView::of(image, partition, asker.listener);
        let error = match view.error {
            ErrorCode::ListenerNotFound if version < LISTENER_ERROR_SINCE => {
                ErrorCode::LeaderNotAvailable
            }
            error => error,
        };
        MetadataResponsePartition {
            error_code: error.code(),
            partition_index: index,
            leader_id: view.leader.0,
            leader_epoch: partition.leader_epoch,
            replica_nodes: view.replicas,
            isr_nodes: view.isr,
            offline_replicas: view.offline,
        }
    });
    MetadataResponseTopic {
        name: Some(Arc::clone(&topic.name)),
        topic_id: topic.id,
        is_internal: is_internal_topic(&topic.name),
        partitions: partitions.collect(),
        ..MetadataResponseTopic::default()
    }
}
