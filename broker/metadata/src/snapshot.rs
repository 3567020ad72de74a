//! An image as the records that lead to it from nothing, and back. The cluster id is not among
//! them: it is given at birth.

use std::sync::Arc;

use millrace_wire::records::metadata::config_record::ConfigRecord;
use millrace_wire::records::metadata::feature_level_record::FeatureLevelRecord;
use millrace_wire::records::metadata::producer_ids_record::ProducerIdsRecord;
use millrace_wire::records::metadata::topic_record::TopicRecord;

use crate::image::configs::ResourceKind;
use crate::image::topics::Topic;
use crate::image::{MetadataImage, ReplayError};
use crate::record::MetadataRecord;

/// The records of an image, made one by one as they are asked for. Feature levels come first: they
/// say how to read the rest.
pub fn records(image: &MetadataImage) -> impl Iterator<Item = MetadataRecord> {
    let features = image.features.iter().map(|(name, level)| {
        MetadataRecord::from(FeatureLevelRecord {
            name: Arc::clone(name),
            feature_level: level,
        })
    });
    let brokers = image.brokers.iter().map(|broker| broker.to_record().into());
    let topics = image.topics.iter().flat_map(|topic| topic_records(topic));
    let configs = ResourceKind::ALL
        .into_iter()
        .flat_map(|kind| config_records(image, kind));
    let producer_ids = (image.next_producer_id != 0).then(|| {
        MetadataRecord::from(ProducerIdsRecord {
            next_producer_id: image.next_producer_id,
            broker_id: -1,
            broker_epoch: -1,
        })
    });
    features
        .chain(brokers)
        .chain(topics)
        .chain(configs)
        .chain(producer_ids)
}

/// The image that the records of a snapshot describe.
///
/// # Errors
/// When the records do not fit each other.
pub fn restore<'a>(
    cluster_id: Arc<str>,
    records: impl IntoIterator<Item = &'a MetadataRecord>,
) -> Result<MetadataImage, ReplayError> {
    let (image, _) = MetadataImage::empty(cluster_id).apply(records)?;
    Ok(image)
}

fn topic_records(topic: &Topic) -> impl Iterator<Item = MetadataRecord> {
    let head = MetadataRecord::from(TopicRecord {
        name: Arc::clone(&topic.name),
        topic_id: topic.id,
    });
    let partitions = topic
        .indexed()
        .map(|(index, partition)| partition.to_record(topic.id, index).into());
    std::iter::once(head).chain(partitions)
}

fn config_records(
    image: &MetadataImage,
    kind: ResourceKind,
) -> impl Iterator<Item = MetadataRecord> {
    image
        .configs
        .resources(kind)
        .flat_map(move |(resource, settings)| {
            settings.iter().map(move |(name, value)| {
                MetadataRecord::from(ConfigRecord {
                    resource_type: kind.code(),
                    resource_name: Arc::clone(resource),
                    name: Arc::clone(name),
                    value: Some(Arc::clone(value)),
                })
            })
        })
}
