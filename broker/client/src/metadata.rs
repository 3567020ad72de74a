//! The cluster as a client last saw it. Pure: answers are merged in, questions are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_types::{ErrorCode, NodeId, Uuid};
use millrace_wire::messages::metadata_response::{MetadataResponse, MetadataResponseTopic};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerView {
    pub id: NodeId,
    pub host: Arc<str>,
    pub port: u16,
    pub rack: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionView {
    pub index: i32,
    pub leader: Option<NodeId>,
    pub leader_epoch: i32,
    pub replicas: Vec<NodeId>,
    pub isr: Vec<NodeId>,
    pub offline: Vec<NodeId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicView {
    pub name: Arc<str>,
    pub id: Uuid,
    pub internal: bool,
    /// By index.
    pub partitions: Vec<PartitionView>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterView {
    pub cluster_id: Option<Arc<str>>,
    pub controller: Option<NodeId>,
    pub brokers: BTreeMap<NodeId, BrokerView>,
    pub topics: BTreeMap<Arc<str>, TopicView>,
    /// What the broker said about topics that cannot be used.
    pub errors: BTreeMap<Arc<str>, ErrorCode>,
}

impl ClusterView {
    #[must_use]
    pub fn leader(&self, topic: &str, partition: i32) -> Option<NodeId> {
        let topic = self.topics.get(topic)?;
        let index = usize::try_from(partition).ok()?;
        topic.partitions.get(index)?.leader
    }

    /// The view after an answer: brokers are replaced, topics are added or brought up to date.
    pub(crate) fn merged(&self, answer: &MetadataResponse) -> Self {
        let mut view = Self {
            cluster_id: answer.cluster_id.clone(),
            controller: node(answer.controller_id),
            brokers: answer
                .brokers
                .iter()
                .map(|broker| {
                    let id = NodeId(broker.node_id);
                    let broker = BrokerView {
                        id,
                        host: Arc::clone(&broker.host),
                        port: u16::try_from(broker.port).unwrap_or_default(),
                        rack: broker.rack.clone(),
                    };
                    (id, broker)
                })
                .collect(),
            topics: self.topics.clone(),
            errors: self.errors.clone(),
        };
        for topic in &answer.topics {
            let Some(name) = &topic.name else { continue };
            match ErrorCode::from_code(topic.error_code) {
                ErrorCode::None => {
                    view.errors.remove(name);
                    view.topics
                        .insert(Arc::clone(name), topic_view(name, topic));
                }
                error => {
                    view.topics.remove(name);
                    view.errors.insert(Arc::clone(name), error);
                }
            }
        }
        view
    }
}

pub(crate) fn topic_view(name: &Arc<str>, topic: &MetadataResponseTopic) -> TopicView {
    let mut partitions: Vec<_> = topic
        .partitions
        .iter()
        .map(|partition| PartitionView {
            index: partition.partition_index,
            leader: node(partition.leader_id),
            leader_epoch: partition.leader_epoch,
            replicas: nodes(&partition.replica_nodes),
            isr: nodes(&partition.isr_nodes),
            offline: nodes(&partition.offline_replicas),
        })
        .collect();
    partitions.sort_unstable_by_key(|partition| partition.index);
    TopicView {
        name: Arc::clone(name),
        id: topic.topic_id,
        internal: topic.is_internal,
        partitions,
    }
}

fn node(id: i32) -> Option<NodeId> {
    (id >= 0).then_some(NodeId(id))
}

fn nodes(ids: &[i32]) -> Vec<NodeId> {
    ids.iter().map(|&id| NodeId(id)).collect()
}
