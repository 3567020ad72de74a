//! The fake's answers to the operator's questions.

use std::sync::Arc;

use millrace_client::TopicView;
use millrace_client::admin::{
    CreatedTopic, LogDir, NewPartitions, NewTopic, Quorum, QuorumReplica, ReplicaOnDisk, TopicRef,
};
use millrace_types::{ErrorCode, NodeId, TopicPartition};

use crate::admin::{
    Admin, BrokerConfig, BrokerScope, Cluster, ConfigChange, ConfigSource, Outcome, Reply,
    TopicConfigs,
};
use crate::error::AdminError;
use crate::fake::cluster::FakeKafka;
use crate::fake::script::Call;
use crate::fake::settings::BROKER;
use crate::fake::state::State;

impl Admin for FakeKafka {
    fn describe_cluster(&self) -> Reply<'_, Outcome<Cluster>> {
        self.one(Call::DescribeCluster, |state| Ok(state.cluster.clone()))
    }

    fn list_topics(&self) -> Reply<'_, Outcome<Vec<TopicView>>> {
        self.one(Call::ListTopics, |state| {
            state.topics.keys().map(|name| state.view(name)).collect()
        })
    }

    fn describe_topics<'a>(&'a self, names: &'a [Arc<str>]) -> Reply<'a, Vec<Outcome<TopicView>>> {
        let view = |state: &mut State, name: &Arc<str>| state.view(name);
        self.each(Call::DescribeTopics, names, Arc::clone, view)
    }

    fn create_topics<'a>(
        &'a self,
        topics: &'a [NewTopic],
    ) -> Reply<'a, Vec<Outcome<CreatedTopic>>> {
        self.each(Call::CreateTopics, topics, new_name, State::create)
    }

    fn validate_topics<'a>(&'a self, topics: &'a [NewTopic]) -> Reply<'a, Vec<Outcome<()>>> {
        let validate = |state: &mut State, new: &NewTopic| state.validate(new).map(drop);
        self.each(Call::ValidateTopics, topics, new_name, validate)
    }

    fn delete_topics<'a>(&'a self, topics: &'a [TopicRef]) -> Reply<'a, Vec<Outcome<()>>> {
        let name = |topic: &TopicRef| match topic {
            TopicRef::Name(name) => Arc::clone(name),
            TopicRef::Id(id) => id.to_string().into(),
        };
        self.each(Call::DeleteTopics, topics, name, State::delete)
    }

    fn create_partitions<'a>(&'a self, topics: &'a [NewPartitions]) -> Reply<'a, Vec<Outcome<()>>> {
        let name = |new: &NewPartitions| Arc::clone(&new.topic);
        self.each(Call::CreatePartitions, topics, name, State::grow)
    }

    fn describe_topic_configs<'a>(
        &'a self,
        names: &'a [Arc<str>],
    ) -> Reply<'a, Vec<Outcome<TopicConfigs>>> {
        let configs = |state: &mut State, name: &Arc<str>| state.configs(name);
        self.each(Call::DescribeTopicConfigs, names, Arc::clone, configs)
    }

    fn alter_topic_configs<'a>(
        &'a self,
        changes: &'a [(Arc<str>, Vec<ConfigChange>)],
    ) -> Reply<'a, Vec<Outcome<()>>> {
        let name = |(name, _): &(Arc<str>, Vec<ConfigChange>)| Arc::clone(name);
        self.each(Call::AlterTopicConfigs, changes, name, State::alter_topic)
    }

    fn describe_broker_configs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<BrokerConfig>>> {
        self.one(Call::DescribeBrokerConfigs, move |state| {
            registered(state, broker)?;
            Ok(broker_configs(state, broker))
        })
    }

    fn alter_broker_configs<'a>(
        &'a self,
        scope: BrokerScope,
        changes: &'a [ConfigChange],
    ) -> Reply<'a, Outcome<()>> {
        self.one(Call::AlterBrokerConfigs, move |state| {
            state.alter_broker(scope, changes)
        })
    }

    fn log_dirs(&self, broker: NodeId) -> Reply<'_, Outcome<Vec<LogDir>>> {
        self.one(Call::LogDirs, move |state| {
            registered(state, broker)?;
            Ok(vec![log_dir(state, broker)])
        })
    }

    fn quorum(&self) -> Reply<'_, Outcome<Quorum>> {
        self.one(Call::Quorum, |state| {
            let voters = state.cluster.brokers.keys().map(|&id| QuorumReplica {
                id,
                log_end_offset: 1,
                last_caught_up: Some(0),
            });
            Ok(Quorum {
                leader: state.cluster.controller,
                leader_epoch: 1,
                high_watermark: 1,
                voters: voters.collect(),
                observers: Vec::new(),
            })
        })
    }
}

fn new_name(new: &NewTopic) -> Arc<str> {
    Arc::clone(&new.name)
}

fn registered(state: &State, broker: NodeId) -> Outcome<()> {
    let known = state.cluster.brokers.contains_key(&broker);
    let absent = AdminError::refused(ErrorCode::BrokerNotAvailable);
    if known { Ok(()) } else { Err(absent) }
}

/// Every known key, from the most particular place that sets it.
fn broker_configs(state: &State, broker: NodeId) -> Vec<BrokerConfig> {
    let places = [
        (
            ConfigSource::Broker,
            state.broker_configs.get(&BrokerScope::One(broker)),
        ),
        (
            ConfigSource::AllBrokers,
            state.broker_configs.get(&BrokerScope::All),
        ),
        (ConfigSource::File, state.file_configs.get(&broker)),
    ];
    let known = BROKER.iter().map(|key| {
        let set = places.iter().find_map(|(source, configs)| {
            let value = configs.as_ref()?.get(key.name)?;
            Some((*source, Arc::clone(value)))
        });
        let (source, value) = set.unwrap_or((ConfigSource::Default, key.default.into()));
        BrokerConfig {
            name: key.name.into(),
            value: Some(value),
            source,
            read_only: key.read_only,
            sensitive: false,
        }
    });
    known.collect()
}

fn log_dir(state: &State, broker: NodeId) -> LogDir {
    let replicas = state.topics.iter().flat_map(|(name, topic)| {
        let here = topic.partitions.iter();
        let here = here.filter(|partition| partition.replicas.contains(&broker));
        here.map(|partition| ReplicaOnDisk {
            partition: TopicPartition::new(Arc::clone(name), partition.index),
            bytes: topic.bytes_each,
            lag: 0,
        })
    });
    LogDir {
        path: "/var/lib/millrace".into(),
        total_bytes: Some(state.disk_bytes),
        usable_bytes: Some(state.disk_bytes_free),
        replicas: replicas.collect(),
    }
}
