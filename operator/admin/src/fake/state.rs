//! What the fake cluster holds, and what it does with it. All of it is open to tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use millrace_client::admin::{CreatedTopic, NewPartitions, NewTopic, TopicRef};
use millrace_client::{BrokerView, PartitionView, TopicView};
use millrace_types::{ErrorCode, NodeId, Uuid, validate_topic_name};

use crate::admin::{BrokerScope, Cluster, ConfigChange, Outcome, TopicConfigs};
use crate::error::AdminError;
use crate::fake::settings::{BROKER, check_topic, refused};

#[derive(Clone, Debug)]
pub struct FakeTopic {
    pub id: Uuid,
    pub partitions: Vec<PartitionView>,
    pub configs: TopicConfigs,
    pub bytes_each: i64,
}

#[derive(Clone, Debug)]
pub struct State {
    pub cluster: Cluster,
    pub topics: BTreeMap<Arc<str>, FakeTopic>,
    pub default_partitions: i32,
    pub default_replicas: i16,
    /// Settings changed while the brokers run.
    pub broker_configs: BTreeMap<BrokerScope, TopicConfigs>,
    /// The properties files.
    pub file_configs: BTreeMap<NodeId, TopicConfigs>,
    pub disk_bytes: i64,
    pub disk_bytes_free: i64,
    /// Ids of topics count up, so that a test sees the same ones again.
    last_id: u128,
}

impl State {
    pub(crate) fn new(brokers: i32) -> Self {
        let broker = |id: i32| BrokerView {
            id: NodeId(id),
            host: format!("broker-{id}").into(),
            port: 9092,
            rack: None,
        };
        Self {
            cluster: Cluster {
                id: Some("fake".into()),
                controller: (brokers > 0).then_some(NodeId(0)),
                brokers: (0..brokers).map(|id| (NodeId(id), broker(id))).collect(),
            },
            topics: BTreeMap::new(),
            default_partitions: 1,
            default_replicas: 1,
            broker_configs: BTreeMap::new(),
            file_configs: BTreeMap::new(),
            disk_bytes: 1 << 40,
            disk_bytes_free: 1 << 39,
            last_id: 0,
        }
    }

    pub(crate) fn view(&self, name: &Arc<str>) -> Outcome<TopicView> {
        let topic = self.topics.get(name).ok_or_else(missing)?;
        Ok(TopicView {
            name: Arc::clone(name),
            id: topic.id,
            internal: name.starts_with("__"),
            partitions: topic.partitions.clone(),
        })
    }

    pub(crate) fn configs(&self, name: &Arc<str>) -> Outcome<TopicConfigs> {
        let topic = self.topics.get(name).ok_or_else(missing)?;
        Ok(topic.configs.clone())
    }

    pub(crate) fn validate(&self, new: &NewTopic) -> Outcome<CreatedTopic> {
        validate_topic_name(&new.name)
            .map_err(|error| refused(ErrorCode::InvalidTopicException, error.to_string()))?;
        if self.topics.contains_key(&new.name) {
            let text = format!("Topic '{}' already exists.", new.name);
            return Err(refused(ErrorCode::TopicAlreadyExists, text));
        }
        let partitions = new.partitions.unwrap_or(self.default_partitions);
        if partitions < 1 {
            let text = "Number of partitions must be larger than 0.";
            return Err(refused(ErrorCode::InvalidPartitions, text));
        }
        let replication_factor = new.replication_factor.unwrap_or(self.default_replicas);
        let replicas = usize::try_from(replication_factor).unwrap_or_default();
        if replicas < 1 || replicas > self.cluster.brokers.len() {
            let text = format!("Unable to replicate the partition {replication_factor} time(s)");
            return Err(refused(ErrorCode::InvalidReplicationFactor, text));
        }
        for (name, value) in &new.configs {
            check_topic(name, value)?;
        }
        Ok(CreatedTopic {
            id: Uuid((self.last_id + 1).to_be_bytes()),
            partitions,
            replication_factor,
        })
    }

    pub(crate) fn create(&mut self, new: &NewTopic) -> Outcome<CreatedTopic> {
        let created = self.validate(new)?;
        self.last_id += 1;
        let replicas = usize::try_from(created.replication_factor).unwrap_or_default();
        let partitions = (0..created.partitions).map(|index| self.partition(index, replicas));
        let topic = FakeTopic {
            id: created.id,
            partitions: partitions.collect(),
            configs: new.configs.clone(),
            bytes_each: 0,
        };
        self.topics.insert(Arc::clone(&new.name), topic);
        Ok(created)
    }

    /// Replicas on the brokers in turn, all of them in sync.
    fn partition(&self, index: i32, replicas: usize) -> PartitionView {
        let first = usize::try_from(index).unwrap_or_default();
        let brokers = self.cluster.brokers.keys().copied().cycle();
        let skipped = first % self.cluster.brokers.len().max(1);
        let replicas: Vec<_> = brokers.skip(skipped).take(replicas).collect();
        PartitionView {
            index,
            leader: replicas.first().copied(),
            leader_epoch: 0,
            isr: replicas.clone(),
            replicas,
            offline: Vec::new(),
        }
    }

    pub(crate) fn delete(&mut self, topic: &TopicRef) -> Outcome<()> {
        match topic {
            TopicRef::Name(name) => self.topics.remove(name).map(drop).ok_or_else(missing),
            TopicRef::Id(id) => {
                let held = self.topics.len();
                self.topics.retain(|_, topic| topic.id != *id);
                let gone = AdminError::refused(ErrorCode::UnknownTopicId);
                if self.topics.len() < held {
                    Ok(())
                } else {
                    Err(gone)
                }
            }
        }
    }

    pub(crate) fn grow(&mut self, new: &NewPartitions) -> Outcome<()> {
        let topic = self.topics.get(&new.topic).ok_or_else(missing)?;
        let has = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if new.total <= has {
            let text = format!(
                "Topic currently has {has} partitions, {} is no growth",
                new.total
            );
            return Err(refused(ErrorCode::InvalidPartitions, text));
        }
        let replicas = topic.partitions.first().map_or(1, |p| p.replicas.len());
        let more: Vec<_> = (has..new.total)
            .map(|index| self.partition(index, replicas))
            .collect();
        let topic = self.topics.get_mut(&new.topic).ok_or_else(missing)?;
        topic.partitions.extend(more);
        Ok(())
    }

    pub(crate) fn alter_topic(
        &mut self,
        (name, changes): &(Arc<str>, Vec<ConfigChange>),
    ) -> Outcome<()> {
        let topic = self.topics.get_mut(name).ok_or_else(missing)?;
        let mut configs = topic.configs.clone();
        for change in changes {
            if let ConfigChange::Set { name, value } = change {
                check_topic(name, value)?;
            }
            apply(&mut configs, change);
        }
        topic.configs = configs;
        Ok(())
    }

    pub(crate) fn alter_broker(
        &mut self,
        scope: BrokerScope,
        changes: &[ConfigChange],
    ) -> Outcome<()> {
        let mut configs = self.broker_configs.get(&scope).cloned().unwrap_or_default();
        for change in changes {
            let (ConfigChange::Set { name, .. } | ConfigChange::Delete { name }) = change;
            let key = BROKER.iter().find(|key| key.name == &**name);
            if key.is_some_and(|key| key.read_only) {
                let text = format!("Cannot update these configs dynamically: {name}");
                return Err(refused(ErrorCode::InvalidRequest, text));
            }
            if let (Some(key), ConfigChange::Set { value, .. }) = (key, change) {
                key.values.check(name, value)?;
            }
            apply(&mut configs, change);
        }
        self.broker_configs.insert(scope, configs);
        Ok(())
    }
}

fn apply(configs: &mut TopicConfigs, change: &ConfigChange) {
    match change {
        ConfigChange::Set { name, value } => {
            configs.insert(Arc::clone(name), Arc::clone(value));
        }
        ConfigChange::Delete { name } => {
            configs.remove(name);
        }
    }
}

fn missing() -> AdminError {
    AdminError::refused(ErrorCode::UnknownTopicOrPartition)
}
