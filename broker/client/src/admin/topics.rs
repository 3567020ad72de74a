//! Topics: creating, deleting, growing, cutting off records.

use std::collections::BTreeMap;
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

use crate::admin::outcome::{Outcome, moved, operation_timeout_ms, outcome};
use crate::cluster::Client;
use crate::error::ClientError;

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

impl Client {
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
        let states = names.iter().map(|name| DeleteTopicState {
            name: Some(Arc::clone(name)),
            ..DeleteTopicState::default()
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
        let outcomes = answer.responses.into_iter().map(|topic| {
            let outcome = outcome(topic.error_code, topic.error_message.as_ref(), ());
            (topic.name.unwrap_or_default(), outcome)
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
