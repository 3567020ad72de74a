//! Topics: creating, deleting, growing, cutting off records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use millrace_types::{NodeId, Offset, TopicPartition, Uuid};
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use millrace_wire::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use millrace_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};

use crate::admin::outcome::{Outcome, moved, operation_timeout_ms, outcome};
use crate::cluster::Client;
use crate::error::ClientError;
use crate::metadata::{TopicView, topic_view};

/// A topic to be. `None` leaves the number to the cluster.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    pub name: Arc<str>,
    pub partitions: Option<i32>,
    pub replication_factor: Option<i16>,
    /// Replicas by partition, instead of the two numbers.
    pub assignment: Vec<Vec<NodeId>>,
    pub configs: BTreeMap<Arc<str>, Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    pub id: Uuid,
    pub partitions: i32,
    pub replication_factor: i16,
}

/// A topic that shall have more partitions.
#[derive(Clone, Debug)]
pub struct NewPartitions {
    pub topic: Arc<str>,
    pub total: i32,
}

/// A topic by what is known of it. An id outlives nothing: it never names a topic that was made
/// anew under the old name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicRef {
    Name(Arc<str>),
    Id(Uuid),
}

impl Client {
    /// These topics, or every one, asked for now. Unlike [`Client::topic_now`] it does not change
    /// what the client knows of the cluster, so thousands cost no more than their answer.
    ///
    /// # Errors
    /// When no broker answers; each topic has an outcome of its own.
    pub async fn describe_topics(
        &self,
        names: Option<&[Arc<str>]>,
    ) -> Result<Vec<(Arc<str>, Outcome<TopicView>)>, ClientError> {
        let named = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(Arc::clone(name)),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: names.map(|names| names.iter().map(named).collect()),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        let answer = self.retrying(|| self.call_any(&request)).await?;
        let outcomes = answer.topics.iter().filter_map(|topic| {
            let name = topic.name.as_ref()?;
            let described = ClientError::check(topic.error_code, None);
            let described = described.map(|()| topic_view(name, topic));
            Some((Arc::clone(name), described))
        });
        Ok(outcomes.collect())
    }

    /// Creates topics, or only checks whether they could be.
    ///
    /// # Errors
    /// When no controller answers; each topic has an outcome of its own.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<Vec<(Arc<str>, Outcome<CreatedTopic>)>, ClientError> {
        let request = CreateTopicsRequest {
            topics: topics.iter().map(creatable).collect(),
            timeout_ms: operation_timeout_ms(),
            validate_only,
        };
        let answer = self
            .call_controller(&request, |r| moved(r.topics.iter().map(|t| t.error_code)))
            .await?;
        let outcomes = answer.topics.into_iter().map(|topic| {
            let created = CreatedTopic {
                id: topic.topic_id,
                partitions: topic.num_partitions,
                replication_factor: topic.replication_factor,
            };
            let outcome = outcome(topic.error_code, topic.error_message.as_ref(), created);
            (topic.name, outcome)
        });
        Ok(outcomes.collect())
    }

    /// Deletes topics by name.
    ///
    /// # Errors
    /// When no controller answers; each topic has an outcome of its own.
    pub async fn delete_topics(
        &self,
        names: &[Arc<str>],
    ) -> Result<Vec<(Arc<str>, Outcome<()>)>, ClientError> {
        let topics: Vec<_> = names.iter().cloned().map(TopicRef::Name).collect();
        let deleted = self.delete_topic_refs(&topics).await?;
        let by_name = deleted
            .into_iter()
            .filter_map(|(topic, outcome)| match topic {
                TopicRef::Name(name) => Some((name, outcome)),
                TopicRef::Id(_) => None,
            });
        Ok(by_name.collect())
    }

    /// Deletes topics by name or id.
    ///
    /// # Errors
    /// When no controller answers; each topic has an outcome of its own.
    pub async fn delete_topic_refs(
        &self,
        topics: &[TopicRef],
    ) -> Result<Vec<(TopicRef, Outcome<()>)>, ClientError> {
        let states = topics.iter().map(|topic| match topic {
            TopicRef::Name(name) => DeleteTopicState {
                name: Some(Arc::clone(name)),
                topic_id: Uuid::ZERO,
            },
            TopicRef::Id(id) => DeleteTopicState {
                name: None,
                topic_id: *id,
            },
        });
        let request = DeleteTopicsRequest {
            topics: states.collect(),
            timeout_ms: operation_timeout_ms(),
            ..DeleteTopicsRequest::default()
        };
        let answer = self
            .call_controller(&request, |r| {
                moved(r.responses.iter().map(|t| t.error_code))
            })
            .await?;
        let asked_for: BTreeSet<_> = topics.iter().collect();
        let outcomes = answer.responses.into_iter().map(|topic| {
            let outcome = outcome(topic.error_code, topic.error_message.as_ref(), ());
            // The answer to an id tells the name as well.
            let id = TopicRef::Id(topic.topic_id);
            let asked = match topic.name {
                Some(name) if !asked_for.contains(&id) => TopicRef::Name(name),
                _ => id,
            };
            (asked, outcome)
        });
        Ok(outcomes.collect())
    }

    /// Gives topics more partitions.
    ///
    /// # Errors
    /// When no controller answers; each topic has an outcome of its own.
    pub async fn create_partitions(
        &self,
        topics: &[NewPartitions],
        validate_only: bool,
    ) -> Result<Vec<(Arc<str>, Outcome<()>)>, ClientError> {
        let wanted = topics.iter().map(|topic| CreatePartitionsTopic {
            name: Arc::clone(&topic.topic),
            count: topic.total,
            assignments: None,
        });
        let request = CreatePartitionsRequest {
            topics: wanted.collect(),
            timeout_ms: operation_timeout_ms(),
            validate_only,
        };
        let answer = self
            .call_controller(&request, |r| moved(r.results.iter().map(|t| t.error_code)))
            .await?;
        let outcomes = answer.results.into_iter().map(|topic| {
            let outcome = outcome(topic.error_code, topic.error_message.as_ref(), ());
            (topic.name, outcome)
        });
        Ok(outcomes.collect())
    }

    /// Cuts off the records before an offset (-1: all that are committed) and returns the
    /// partition's new beginning.
    ///
    /// # Errors
    /// When the leader does not answer or refuses.
    pub async fn delete_records(
        &self,
        partition: &TopicPartition,
        before: Offset,
    ) -> Result<Offset, ClientError> {
        let request = DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: Arc::clone(&partition.topic),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: partition.partition,
                    offset: before,
                }],
            }],
            timeout_ms: operation_timeout_ms(),
        };
        self.on_leader(partition, &request, |answer| {
            let topic = answer.topics.first()?;
            let result = topic.partitions.first()?;
            Some(outcome(result.error_code, None, result.low_watermark))
        })
        .await
    }
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let assignments = (0..)
        .zip(&topic.assignment)
        .map(|(partition_index, nodes)| CreatableReplicaAssignment {
            partition_index,
            broker_ids: nodes.iter().map(|node| node.0).collect(),
        });
    let configs = topic
        .configs
        .iter()
        .map(|(name, value)| CreatableTopicConfig {
            name: Arc::clone(name),
            value: Some(Arc::clone(value)),
        });
    CreatableTopic {
        name: Arc::clone(&topic.name),
        num_partitions: topic.partitions.unwrap_or(-1),
        replication_factor: topic.replication_factor.unwrap_or(-1),
        assignments: assignments.collect(),
        configs: configs.collect(),
    }
}
