//! What must hold of every image, checked independently of how images are made.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use millrace_types::{NodeId, PartitionIndex, Uuid, validate_topic_name};

use crate::image::MetadataImage;
use crate::image::configs::{ALL_BROKERS, ConfigResource, ResourceKind};
use crate::image::partition::Partition;
use crate::image::topics::Topic;

/// Something in the image that no sequence of decisions may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    TopicName {
        topic: Arc<str>,
    },
    TopicWithoutId {
        topic: Arc<str>,
    },
    /// The look-ups by name and by id do not lead to the same topic.
    TopicIndex {
        topic: Arc<str>,
        id: Uuid,
    },
    NoPartitions {
        topic: Arc<str>,
    },
    PartitionCount {
        counted: usize,
        kept: usize,
    },
    Partition {
        topic: Arc<str>,
        index: PartitionIndex,
        fault: PartitionFault,
    },
    DanglingConfig {
        resource: ConfigResource,
    },
    UnservedLevel {
        broker: NodeId,
        feature: Arc<str>,
        level: i16,
    },
    SharedDirectory {
        directory: Uuid,
    },
    BrokerWithoutEndpoint {
        broker: NodeId,
    },
    NegativeProducerId {
        next: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionFault {
    NoReplicas,
    /// A list names a broker twice.
    Repeated,
    /// Someone is in sync, eligible or leading without holding a replica.
    NotAReplica,
    /// Someone is in sync and out of sync at once.
    InSyncAndEligible,
    LeaderOutOfSync,
    /// The leader is not registered, fenced, or on its way out.
    LeaderInactive,
    /// Someone counts as in sync with the leader who is not registered, fenced, or on its way out.
    InSyncInactive,
    /// A broker that is not registered may lead some day.
    EligibleUnknown,
    /// Nobody is left who holds everything that was acknowledged, yet nobody remembers who led.
    NobodyToElect,
    Directories,
    NegativeEpoch,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl MetadataImage {
    /// Everything that is wrong with the image; empty when it is sound.
    #[must_use]
    pub fn check(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        self.check_topics(&mut violations);
        self.check_brokers(&mut violations);
        self.check_configs(&mut violations);
        if self.next_producer_id < 0 {
            let next = self.next_producer_id;
            violations.push(Violation::NegativeProducerId { next });
        }
        violations
    }

    fn check_topics(&self, violations: &mut Vec<Violation>) {
        let mut counted = 0;
        for topic in self.topics.iter() {
            counted += topic.partitions.len();
            self.check_topic(topic, violations);
        }
        let kept = self.topics.partition_count();
        if counted != kept {
            violations.push(Violation::PartitionCount { counted, kept });
        }
    }

    fn check_topic(&self, topic: &Arc<Topic>, violations: &mut Vec<Violation>) {
        let name = || Arc::clone(&topic.name);
        if validate_topic_name(&topic.name).is_err() {
            violations.push(Violation::TopicName { topic: name() });
        }
        if topic.id.is_zero() {
            violations.push(Violation::TopicWithoutId { topic: name() });
        }
        if self.topics.get(&topic.name) != self.topics.get_by_id(topic.id) {
            violations.push(Violation::TopicIndex {
                topic: name(),
                id: topic.id,
            });
        }
        if topic.partitions.is_empty() {
            violations.push(Violation::NoPartitions { topic: name() });
        }
        for (index, partition) in topic.indexed() {
            violations.extend(self.faults(partition).map(|fault| Violation::Partition {
                topic: name(),
                index,
                fault,
            }));
        }
    }

    fn faults(&self, partition: &Partition) -> impl Iterator<Item = PartitionFault> {
        let is_active = |node: &NodeId| self.brokers.is_active(*node);
        let is_replica = |node: &NodeId| partition.replicas.contains(node);
        let lists = [
            &partition.replicas,
            &partition.isr,
            &partition.elr,
            &partition.last_known_elr,
        ];
        let within = [&partition.isr, &partition.elr, &partition.last_known_elr];
        let found = [
            (partition.replicas.is_empty(), PartitionFault::NoReplicas),
            (
                lists.iter().any(|list| repeats(list)),
                PartitionFault::Repeated,
            ),
            (
                within.iter().any(|list| !list.iter().all(is_replica)),
                PartitionFault::NotAReplica,
            ),
            (
                partition
                    .elr
                    .iter()
                    .any(|node| partition.isr.contains(node)),
                PartitionFault::InSyncAndEligible,
            ),
            (
                partition
                    .leader
                    .is_some_and(|leader| !partition.isr.contains(&leader)),
                PartitionFault::LeaderOutOfSync,
            ),
            (
                partition
                    .leader
                    .is_some_and(|leader| !self.brokers.is_active(leader)),
                PartitionFault::LeaderInactive,
            ),
            (
                partition.leader.is_some() && !partition.isr.iter().all(is_active),
                PartitionFault::InSyncInactive,
            ),
            (
                partition
                    .elr
                    .iter()
                    .any(|&node| self.brokers.get(node).is_none()),
                PartitionFault::EligibleUnknown,
            ),
            (
                within.iter().all(|list| list.is_empty()),
                PartitionFault::NobodyToElect,
            ),
            (
                partition.directories.len() != partition.replicas.len(),
                PartitionFault::Directories,
            ),
            (
                partition.leader_epoch < 0 || partition.partition_epoch < 0,
                PartitionFault::NegativeEpoch,
            ),
        ];
        found
            .into_iter()
            .filter_map(|(holds, fault)| holds.then_some(fault))
    }

    fn check_brokers(&self, violations: &mut Vec<Violation>) {
        let mut directories = BTreeSet::new();
        for broker in self.brokers.iter() {
            for &directory in &broker.log_dirs {
                if !directories.insert(directory) {
                    violations.push(Violation::SharedDirectory { directory });
                }
            }
            if broker.endpoints.is_empty() {
                violations.push(Violation::BrokerWithoutEndpoint { broker: broker.id });
            }
            for (feature, level) in self.features.iter() {
                let serves = broker
                    .features
                    .get(feature)
                    .is_some_and(|range| range.contains(level));
                if !serves {
                    violations.push(Violation::UnservedLevel {
                        broker: broker.id,
                        feature: Arc::clone(feature),
                        level,
                    });
                }
            }
        }
    }

    /// Settings of topics go with the topic. Brokers and groups may get settings before they
    /// come to life.
    fn check_configs(&self, violations: &mut Vec<Violation>) {
        for (name, _) in self.configs.resources(ResourceKind::Topic) {
            if self.topics.get(name).is_none() {
                let resource = ConfigResource {
                    kind: ResourceKind::Topic,
                    name: Arc::clone(name),
                };
                violations.push(Violation::DanglingConfig { resource });
            }
        }
        for (name, _) in self.configs.resources(ResourceKind::Broker) {
            if &**name != ALL_BROKERS && name.parse::<u32>().is_err() {
                let resource = ConfigResource {
                    kind: ResourceKind::Broker,
                    name: Arc::clone(name),
                };
                violations.push(Violation::DanglingConfig { resource });
            }
        }
    }
}

fn repeats(list: &[NodeId]) -> bool {
    list.iter()
        .enumerate()
        .any(|(at, node)| list[..at].contains(node))
}
