//! Any sequence of requests, good and bad: the image stays sound after every one, its delta is the
//! difference, and its snapshot is the image. `Fleet::apply` checks all three.

use millrace_metadata::MetadataRecord;
use millrace_metadata::control::Decision;
use millrace_metadata::control::brokers::{
    broker_heartbeat, fence_broker, register_broker, unregister_broker,
};
use millrace_metadata::control::configs::incremental_alter_configs;
use millrace_metadata::control::features::update_features;
use millrace_metadata::control::leaders::{alter_partition, balance_leaders, elect_leaders};
use millrace_metadata::control::partitions::create_partitions;
use millrace_metadata::control::producer_ids::allocate_producer_ids;
use millrace_metadata::control::topics::{create_topics, delete_topics};
use millrace_metadata::image::partition::Partition;
use millrace_types::NodeId;
use millrace_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use millrace_wire::messages::alter_partition_request::{
    AlterPartitionRequest, BrokerState, PartitionData, TopicData,
};
use millrace_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use millrace_wire::messages::delete_topics_request::DeleteTopicsRequest;
use millrace_wire::messages::elect_leaders_request::ElectLeadersRequest;
use millrace_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use millrace_wire::messages::unregister_broker_request::UnregisterBrokerRequest;
use millrace_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use proptest::prelude::*;

use crate::fleet::{ELR, Fleet, feature, id, registration};

const BROKERS: i32 = 4;
const NAMES: [&str; 6] = ["a", "b.c", "b_c", "d", "__consumer_offsets", "bad name"];

/// One thing that someone asks of the fleet.
#[derive(Clone, Debug)]
enum Request {
    Register {
        broker: i32,
        incarnation: u64,
        in_order: bool,
    },
    Heartbeat {
        broker: i32,
        want_fence: bool,
        want_shut_down: bool,
        behind: bool,
        others: bool,
    },
    Fence {
        broker: i32,
    },
    Unregister {
        broker: i32,
    },
    Create {
        name: usize,
        partitions: i32,
        replication_factor: i16,
    },
    Grow {
        name: usize,
        count: i32,
    },
    Delete {
        name: usize,
    },
    Set {
        name: usize,
        key: usize,
        value: Option<usize>,
    },
    Elect {
        unclean: bool,
    },
    Balance,
    Report {
        name: usize,
        partition: i32,
        members: u8,
        stale: bool,
    },
    ProducerIds {
        broker: i32,
    },
    Feature {
        name: usize,
        level: i16,
        upgrade_type: i8,
    },
}

const KEYS: [(&str, &[&str]); 3] = [
    ("min.insync.replicas", &["1", "2", "3", "none"]),
    ("unclean.leader.election.enable", &["true", "false"]),
    ("retention.ms", &["1000", "-1", "-7"]),
];
const FEATURES: [&str; 3] = [ELR, "metadata.version", "no.such"];

fn request() -> impl Strategy<Value = Request> {
    let broker = || 0..BROKERS;
    let name = || 0..NAMES.len();
    prop_oneof![
        3 => (broker(), 0..3_u64, any::<bool>()).prop_map(|(broker, incarnation, in_order)| {
            Request::Register { broker, incarnation, in_order }
        }),
        6 => (broker(), weighted(0.1), weighted(0.1), weighted(0.1), any::<bool>()).prop_map(
            |(broker, want_fence, want_shut_down, behind, others)| {
                Request::Heartbeat { broker, want_fence, want_shut_down, behind, others }
            }
        ),
        2 => broker().prop_map(|broker| Request::Fence { broker }),
        1 => broker().prop_map(|broker| Request::Unregister { broker }),
        4 => (name(), -1..5_i32, -1..4_i16).prop_map(|(name, partitions, replication_factor)| {
            Request::Create { name, partitions, replication_factor }
        }),
        1 => (name(), 0..8_i32).prop_map(|(name, count)| Request::Grow { name, count }),
        1 => name().prop_map(|name| Request::Delete { name }),
        2 => (name(), 0..KEYS.len(), proptest::option::of(0..4_usize))
            .prop_map(|(name, key, value)| Request::Set { name, key, value }),
        1 => any::<bool>().prop_map(|unclean| Request::Elect { unclean }),
        1 => Just(Request::Balance),
        5 => (name(), 0..4_i32, 0..16_u8, weighted(0.1)).prop_map(
            |(name, partition, members, stale)| {
                Request::Report { name, partition, members, stale }
            }
        ),
        1 => broker().prop_map(|broker| Request::ProducerIds { broker }),
        1 => (0..FEATURES.len(), 0..31_i16, 0..5_i8).prop_map(|(name, level, upgrade_type)| {
            Request::Feature { name, level: if name == 0 { level % 3 } else { level }, upgrade_type }
        }),
    ]
}

fn weighted(probability: f64) -> impl Strategy<Value = bool> {
    proptest::bool::weighted(probability)
}

fn records<R>(decision: Decision<R>) -> Vec<MetadataRecord> {
    decision.records
}

/// What the fleet decides. `step` counts the requests, as positions of the log would.
fn decide(fleet: &mut Fleet, request: &Request, step: i64) -> Vec<MetadataRecord> {
    let mut entropy = std::mem::take(&mut fleet.entropy);
    let context = fleet.context();
    let decided = match *request {
        Request::Register {
            broker,
            incarnation,
            in_order,
        } => {
            let known = context.image.brokers.get(NodeId(broker));
            let mut request = registration(broker, id(9_000 + incarnation));
            request.previous_broker_epoch =
                known.filter(|_| in_order).map_or(-1, |broker| broker.epoch);
            records(register_broker(context, &request, step, false))
        }
        Request::Heartbeat {
            broker,
            want_fence,
            want_shut_down,
            behind,
            others,
        } => {
            let request = BrokerHeartbeatRequest {
                broker_id: broker,
                broker_epoch: epoch(fleet, broker),
                current_metadata_offset: if behind { -1 } else { step },
                want_fence,
                want_shut_down,
                ..BrokerHeartbeatRequest::default()
            };
            records(broker_heartbeat(context, &request, others))
        }
        Request::Fence { broker } => fence_broker(context, NodeId(broker)),
        Request::Unregister { broker } => {
            let request = UnregisterBrokerRequest { broker_id: broker };
            records(unregister_broker(context, &request))
        }
        Request::Create {
            name,
            partitions,
            replication_factor,
        } => {
            let topic = CreatableTopic {
                name: NAMES[name].into(),
                num_partitions: partitions,
                replication_factor,
                ..CreatableTopic::default()
            };
            let request = CreateTopicsRequest {
                topics: vec![topic],
                ..CreateTopicsRequest::default()
            };
            records(create_topics(context, &request, &mut entropy))
        }
        Request::Grow { name, count } => {
            let topic = CreatePartitionsTopic {
                name: NAMES[name].into(),
                count,
                assignments: None,
            };
            let request = CreatePartitionsRequest {
                topics: vec![topic],
                ..CreatePartitionsRequest::default()
            };
            records(create_partitions(context, &request, &mut entropy))
        }
        ref other => decide_rest(fleet, other),
    };
    fleet.entropy = entropy;
    decided
}

fn decide_rest(fleet: &Fleet, request: &Request) -> Vec<MetadataRecord> {
    let context = fleet.context();
    match *request {
        Request::Delete { name } => {
            let request = DeleteTopicsRequest {
                topic_names: vec![NAMES[name].into()],
                ..DeleteTopicsRequest::default()
            };
            records(delete_topics(context, &request, 5))
        }
        Request::Set { name, key, value } => set(fleet, name, key, value),
        Request::Elect { unclean } => {
            let request = ElectLeadersRequest {
                election_type: i8::from(unclean),
                topic_partitions: None,
                timeout_ms: 0,
            };
            records(elect_leaders(context, &request))
        }
        Request::Balance => records(balance_leaders(context, 2)),
        Request::Report {
            name,
            partition,
            members,
            stale,
        } => report(fleet, NAMES[name], partition, members, stale),
        Request::ProducerIds { broker } => {
            let request = AllocateProducerIdsRequest {
                broker_id: broker,
                broker_epoch: epoch(fleet, broker),
            };
            records(allocate_producer_ids(context, &request))
        }
        Request::Feature {
            name,
            level,
            upgrade_type,
        } => {
            let update = FeatureUpdateKey {
                feature: FEATURES[name].into(),
                max_version_level: level,
                upgrade_type,
                ..FeatureUpdateKey::default()
            };
            let request = UpdateFeaturesRequest {
                feature_updates: vec![update],
                ..UpdateFeaturesRequest::default()
            };
            records(update_features(context, &request, 1))
        }
        _ => unreachable!("decided before"),
    }
}

fn set(fleet: &Fleet, name: usize, key: usize, value: Option<usize>) -> Vec<MetadataRecord> {
    let (key, values) = KEYS[key];
    let config = AlterableConfig {
        name: key.into(),
        config_operation: i8::from(value.is_none()),
        value: value.map(|value| values[value % values.len()].into()),
    };
    let resource = AlterConfigsResource {
        resource_type: 2,
        resource_name: NAMES[name].into(),
        configs: vec![config],
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource],
        validate_only: false,
    };
    records(incremental_alter_configs(fleet.context(), &request))
}

fn epoch(fleet: &Fleet, broker: i32) -> i64 {
    fleet
        .image
        .brokers
        .get(NodeId(broker))
        .map_or(-1, |broker| broker.epoch)
}

/// The leader reports some of the replicas, a bit for each, as in sync with it.
fn report(fleet: &Fleet, name: &str, index: i32, members: u8, stale: bool) -> Vec<MetadataRecord> {
    let Some(topic) = fleet.image.topics.get(name) else {
        return Vec::new();
    };
    let known = topic.partition(index).map(AsRef::as_ref);
    let leader = known
        .and_then(|partition: &Partition| partition.leader)
        .map_or(0, |node| node.0);
    let in_sync = (0..BROKERS).filter(|broker| *broker == leader || members & (1 << broker) != 0);
    let data = PartitionData {
        partition_index: index,
        leader_epoch: known.map_or(0, |partition| partition.leader_epoch),
        partition_epoch: known.map_or(0, |partition| partition.partition_epoch - i32::from(stale)),
        new_isr_with_epochs: in_sync
            .map(|broker_id| BrokerState {
                broker_id,
                broker_epoch: epoch(fleet, broker_id),
            })
            .collect(),
        ..PartitionData::default()
    };
    let request = AlterPartitionRequest {
        broker_id: leader,
        broker_epoch: epoch(fleet, leader),
        topics: vec![TopicData {
            topic_id: topic.id,
            partitions: vec![data],
        }],
    };
    records(alter_partition(fleet.context(), &request, 3))
}

/// Leader and partition epochs only grow, as long as the topic lives.
fn epochs_grew(before: &Fleet, after: &Fleet) -> Result<(), TestCaseError> {
    for topic in before.image.topics.iter() {
        let Some(later) = after.image.topics.get_by_id(topic.id) else {
            continue;
        };
        for (old, new) in topic.partitions.iter().zip(&later.partitions) {
            prop_assert!(old.leader_epoch <= new.leader_epoch);
            prop_assert!(old.partition_epoch <= new.partition_epoch);
            prop_assert_eq!(old == new, old.partition_epoch == new.partition_epoch);
            let same_reign = old.leader_epoch == new.leader_epoch;
            prop_assert!(!same_reign || old.leader == new.leader);
        }
    }
    Ok(())
}

/// Without unclean elections, whoever leads held everything that was acknowledged.
fn leaders_are_trusted(before: &Fleet, after: &Fleet) -> Result<(), TestCaseError> {
    for topic in before.image.topics.iter() {
        let Some(later) = after.image.topics.get_by_id(topic.id) else {
            continue;
        };
        for (old, new) in topic.partitions.iter().zip(&later.partitions) {
            if let (Some(leader), false) = (new.leader, old.leader == new.leader) {
                let trusted = old.isr.contains(&leader) || old.elr.contains(&leader);
                prop_assert!(
                    trusted || new.recovery.code() == 1,
                    "{:?} -> {:?}",
                    old,
                    new
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_requests_breaks_the_image(
        elr in any::<bool>(),
        requests in proptest::collection::vec(request(), 1..60),
    ) {
        let mut fleet = Fleet::new(&[Some("r1"), Some("r2"), None]);
        if elr {
            fleet.apply(&[feature(ELR, 1)]);
        }
        for (step, request) in (10..).zip(&requests) {
            let before = fleet.copy();
            let decided = decide(&mut fleet, request, step);
            fleet.apply(&decided);
            epochs_grew(&before, &fleet)?;
            leaders_are_trusted(&before, &fleet)?;
        }
    }
}
