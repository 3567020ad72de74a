//! The fleet's metadata at one point of its log: an immutable value that is cheap to copy. Records
//! lead from one image to the next; nothing else does.

pub mod brokers;
pub mod configs;
pub mod features;
pub mod partition;
pub mod topics;

use std::sync::Arc;

use millrace_types::{NodeId, Uuid};
use millrace_wire::records::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
use millrace_wire::records::metadata::config_record::ConfigRecord;
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;
use millrace_wire::records::metadata::topic_record::TopicRecord;
use thiserror::Error;

use crate::delta::{MetadataDelta, Touched};
use crate::record::MetadataRecord;
use brokers::{Broker, Brokers};
use configs::{ConfigResource, Configs, ResourceKind};
use features::Features;
use partition::Partition;
use topics::{Topic, Topics};

/// A record that does not fit the image it is applied to: the log is damaged or not ours.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReplayError {
    #[error("topic {name} exists already")]
    TopicExists { name: Arc<str> },
    #[error("topic id {id} is in use already")]
    TopicIdExists { id: Uuid },
    #[error("no topic has the id {id}")]
    UnknownTopic { id: Uuid },
    #[error("topic id {id} has no partition {partition}")]
    UnknownPartition { id: Uuid, partition: i32 },
    #[error("partition {partition} of topic id {id} would leave a gap")]
    PartitionGap { id: Uuid, partition: i32 },
    #[error("broker {id} is not registered with epoch {epoch}")]
    UnknownBroker { id: NodeId, epoch: i64 },
    #[error("no settings are known for resources of type {kind}")]
    UnknownResource { kind: i8 },
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataImage {
    /// Given at birth; not part of the log.
    pub cluster_id: Arc<str>,
    pub topics: Topics,
    pub brokers: Brokers,
    pub configs: Configs,
    pub features: Features,
    /// The first producer id that was not given out.
    pub next_producer_id: i64,
}

impl MetadataImage {
    /// The image before the first record.
    #[must_use]
    pub fn empty(cluster_id: impl Into<Arc<str>>) -> Self {
        Self {
            cluster_id: cluster_id.into(),
            topics: Topics::default(),
            brokers: Brokers::default(),
            configs: Configs::default(),
            features: Features::default(),
            next_producer_id: 0,
        }
    }

    /// The image after `records`, and what they changed.
    ///
    /// # Errors
    /// When a record does not fit; `self` is as it was.
    pub fn apply<'a>(
        &self,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
    ) -> Result<(Self, MetadataDelta), ReplayError> {
        let mut next = self.clone();
        let mut touched = Touched::default();
        for record in records {
            next.replay(record, &mut touched)?;
        }
        let delta = MetadataDelta::of(self, &next, &touched);
        Ok((next, delta))
    }

    fn replay(
        &mut self,
        record: &MetadataRecord,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        match record {
            MetadataRecord::Topic(record) => self.add_topic(record, touched),
            MetadataRecord::Partition(record) => {
                let (id, partition) = (record.topic_id, record.partition_id);
                self.set_partition(id, partition, Partition::from_record(record), touched)
            }
            MetadataRecord::PartitionChange(record) => self.change_partition(record, touched),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record.topic_id, touched),
            MetadataRecord::Config(record) => self.set_config(record, touched),
            MetadataRecord::RegisterBroker(record) => {
                touched.brokers.insert(NodeId(record.broker_id));
                self.brokers.insert(Broker::from_record(record));
                Ok(())
            }
            MetadataRecord::UnregisterBroker(record) => {
                let id = NodeId(record.broker_id);
                self.broker_mut(id, record.broker_epoch, touched)?;
                self.brokers.remove(id);
                Ok(())
            }
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(record, touched),
            MetadataRecord::FeatureLevel(record) => {
                touched.features.insert(Arc::clone(&record.name));
                self.features.set(&record.name, record.feature_level);
                Ok(())
            }
            MetadataRecord::ProducerIds(record) => {
                self.next_producer_id = record.next_producer_id;
                Ok(())
            }
            MetadataRecord::NoOp(_) => Ok(()),
        }
    }

    fn add_topic(
        &mut self,
        record: &TopicRecord,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        if self.topics.get(&record.name).is_some() {
            let name = Arc::clone(&record.name);
            return Err(ReplayError::TopicExists { name });
        }
        if self.topics.get_by_id(record.topic_id).is_some() {
            let id = record.topic_id;
            return Err(ReplayError::TopicIdExists { id });
        }
        touched.topics.insert(record.topic_id);
        self.topics.insert(Arc::new(Topic {
            name: Arc::clone(&record.name),
            id: record.topic_id,
            partitions: Vec::new(),
        }));
        Ok(())
    }

    fn set_partition(
        &mut self,
        id: Uuid,
        index: i32,
        partition: Partition,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        touched.topics.insert(id);
        if self.topics.set_partition(id, index, partition) {
            Ok(())
        } else if self.topics.get_by_id(id).is_none() {
            Err(ReplayError::UnknownTopic { id })
        } else {
            Err(ReplayError::PartitionGap {
                id,
                partition: index,
            })
        }
    }

    fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        let (id, partition) = (record.topic_id, record.partition_id);
        let topic = self
            .topics
            .get_by_id(id)
            .ok_or(ReplayError::UnknownTopic { id })?;
        let unknown = ReplayError::UnknownPartition { id, partition };
        let changed = topic.partition(partition).ok_or(unknown)?.changed(record);
        self.set_partition(id, partition, changed, touched)
    }

    /// A topic takes its settings with it.
    fn remove_topic(&mut self, id: Uuid, touched: &mut Touched) -> Result<(), ReplayError> {
        let topic = self
            .topics
            .remove(id)
            .ok_or(ReplayError::UnknownTopic { id })?;
        touched.topics.insert(id);
        touched.configs.insert(ConfigResource {
            kind: ResourceKind::Topic,
            name: Arc::clone(&topic.name),
        });
        self.configs.remove(ResourceKind::Topic, &topic.name);
        Ok(())
    }

    fn set_config(
        &mut self,
        record: &ConfigRecord,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        let kind = record.resource_type;
        let kind = ResourceKind::from_code(kind).ok_or(ReplayError::UnknownResource { kind })?;
        let resource = ConfigResource {
            kind,
            name: Arc::clone(&record.resource_name),
        };
        self.configs
            .set(&resource, &record.name, record.value.as_ref());
        touched.configs.insert(resource);
        Ok(())
    }

    fn change_broker(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        touched: &mut Touched,
    ) -> Result<(), ReplayError> {
        let id = NodeId(record.broker_id);
        let broker = self.broker_mut(id, record.broker_epoch, touched)?;
        match record.fenced {
            1 => broker.fenced = true,
            -1 => broker.fenced = false,
            _ => {}
        }
        if record.in_controlled_shutdown == 1 {
            broker.shutting_down = true;
        }
        if !record.log_dirs.is_empty() {
            broker.log_dirs.clone_from(&record.log_dirs);
        }
        Ok(())
    }

    fn broker_mut(
        &mut self,
        id: NodeId,
        epoch: i64,
        touched: &mut Touched,
    ) -> Result<&mut Broker, ReplayError> {
        touched.brokers.insert(id);
        self.brokers
            .get_mut(id)
            .filter(|broker| broker.epoch == epoch)
            .ok_or(ReplayError::UnknownBroker { id, epoch })
    }
}
