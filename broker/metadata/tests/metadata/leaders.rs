//! ElectLeaders, the balance of leaders, and what leaders report.

use millrace_metadata::MetadataRecord;
use millrace_metadata::control::brokers::fence_broker;
use millrace_metadata::control::leaders::{alter_partition, balance_leaders, elect_leaders};
use millrace_types::{ErrorCode, NodeId};
use millrace_wire::messages::alter_partition_request::{
    AlterPartitionRequest, BrokerState, PartitionData, TopicData,
};
use millrace_wire::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};

use crate::fleet::{Fleet, broker_record};

/// Three brokers, topic `t` with one partition on all of them, led by 0 unless it is told to go.
fn fleet() -> Fleet {
    let mut fleet = Fleet::new(&[None, None, None]);
    fleet.create_on("t", &[0, 1, 2]);
    fleet
}

/// The preferred leader goes and comes back, so that it follows.
fn drifted() -> Fleet {
    let mut fleet = fleet();
    let records = fence_broker(fleet.context(), NodeId(0));
    fleet.apply(&records);
    fleet.apply(&[broker_record(0, None)]);
    let report = report(&fleet, |_| {});
    assert_eq!(alter(&mut fleet, &report), ErrorCode::None);
    fleet
}

fn elect(fleet: &mut Fleet, election_type: i8, named: Option<(&str, i32)>) -> Vec<ErrorCode> {
    let request = ElectLeadersRequest {
        election_type,
        topic_partitions: named.map(|(topic, partition)| {
            vec![TopicPartitions {
                topic: topic.into(),
                partitions: vec![partition],
            }]
        }),
        timeout_ms: 0,
    };
    let decision = elect_leaders(fleet.context(), &request);
    let response = fleet.commit(decision);
    let results = response.replica_election_results.iter();
    let partitions = results.flat_map(|topic| &topic.partition_result);
    partitions
        .map(|result| ErrorCode::from_code(result.error_code))
        .collect()
}

fn leader(fleet: &Fleet) -> Option<NodeId> {
    fleet.image.topics.partition("t", 0).unwrap().leader
}

#[test]
fn elections_answer_for_every_partition_that_was_named() {
    for (named, election_type, expected) in [
        (Some(("t", 0)), 0, &[ErrorCode::ElectionNotNeeded][..]),
        (Some(("t", 0)), 1, &[ErrorCode::ElectionNotNeeded]),
        (Some(("t", 7)), 0, &[ErrorCode::UnknownTopicOrPartition]),
        (Some(("nope", 0)), 0, &[ErrorCode::UnknownTopicOrPartition]),
        (None, 0, &[]),
    ] {
        assert_eq!(
            elect(&mut fleet(), election_type, named),
            expected,
            "{named:?}"
        );
    }
    let odd = ElectLeadersRequest {
        election_type: 9,
        ..ElectLeadersRequest::default()
    };
    let decision = elect_leaders(fleet().context(), &odd);
    assert_eq!(
        decision.response.error_code,
        ErrorCode::InvalidRequest.code()
    );
}

#[test]
fn the_preferred_leader_leads_again_when_it_is_in_sync() {
    let mut fleet = drifted();
    assert_ne!(leader(&fleet), Some(NodeId(0)));
    assert_eq!(elect(&mut fleet, 0, None), [ErrorCode::None]);
    assert_eq!(leader(&fleet), Some(NodeId(0)));

    let mut fleet = drifted();
    let balanced = balance_leaders(fleet.context(), 10);
    assert!(!fleet.commit(balanced));
    assert_eq!(leader(&fleet), Some(NodeId(0)));
    assert_eq!(balance_leaders(fleet.context(), 10).records, []);
}

#[test]
fn a_preferred_leader_that_is_away_cannot_be_elected() {
    let mut fleet = fleet();
    let records = fence_broker(fleet.context(), NodeId(0));
    fleet.apply(&records);
    assert_eq!(
        elect(&mut fleet, 0, None),
        [ErrorCode::PreferredLeaderNotAvailable]
    );
    assert_eq!(balance_leaders(fleet.context(), 10).records, []);
}

#[test]
fn an_unclean_leader_is_elected_only_when_someone_asks_for_it() {
    let mut fleet = fleet();
    for node in [1, 2, 0] {
        let records = fence_broker(fleet.context(), NodeId(node));
        fleet.apply(&records);
    }
    assert_eq!(leader(&fleet), None);
    fleet.apply(&[broker_record(2, None)]);
    assert_eq!(
        elect(&mut fleet, 0, None),
        [ErrorCode::PreferredLeaderNotAvailable]
    );
    assert_eq!(elect(&mut fleet, 1, None), [ErrorCode::None]);
    let partition = fleet.image.topics.partition("t", 0).unwrap();
    assert_eq!(partition.leader, Some(NodeId(2)));
    assert_eq!(&*partition.isr, [NodeId(2)]);
    assert_eq!(partition.recovery.code(), 1);
}

/// What the leader of `t` reports: everyone is in sync, unless `edit` says otherwise.
fn report(fleet: &Fleet, edit: impl Fn(&mut PartitionData)) -> AlterPartitionRequest {
    let topic = fleet.image.topics.get("t").unwrap();
    let partition = &topic.partitions[0];
    let member = |node: &NodeId| BrokerState {
        broker_id: node.0,
        broker_epoch: 1,
    };
    let mut data = PartitionData {
        partition_index: 0,
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        new_isr_with_epochs: partition.replicas.iter().map(member).collect(),
        ..PartitionData::default()
    };
    edit(&mut data);
    AlterPartitionRequest {
        broker_id: partition.leader.unwrap().0,
        broker_epoch: 1,
        topics: vec![TopicData {
            topic_id: topic.id,
            partitions: vec![data],
        }],
    }
}

fn alter(fleet: &mut Fleet, request: &AlterPartitionRequest) -> ErrorCode {
    let decision = alter_partition(fleet.context(), request, 3);
    let response = fleet.commit(decision);
    let of_partition = response
        .topics
        .first()
        .map(|topic| topic.partitions[0].error_code);
    ErrorCode::from_code(of_partition.unwrap_or(response.error_code))
}

#[test]
fn reports_that_do_not_fit_the_partition_are_refused() {
    type Edit = fn(&mut PartitionData);
    let cases: [(Edit, ErrorCode); 12] = [
        (|_| {}, ErrorCode::None),
        (|data| data.new_isr_with_epochs.truncate(1), ErrorCode::None),
        (
            |data| data.new_isr_with_epochs[1].broker_epoch = -1,
            ErrorCode::None,
        ),
        (
            |data| data.partition_index = 5,
            ErrorCode::UnknownTopicOrPartition,
        ),
        (|data| data.leader_epoch += 1, ErrorCode::NotController),
        (|data| data.partition_epoch += 1, ErrorCode::NotController),
        (|data| data.leader_epoch -= 1, ErrorCode::FencedLeaderEpoch),
        (
            |data| data.partition_epoch -= 1,
            ErrorCode::InvalidUpdateVersion,
        ),
        (
            |data| data.new_isr_with_epochs[1].broker_id = 9,
            ErrorCode::InvalidRequest,
        ),
        (
            |data| data.new_isr_with_epochs.drain(..1).for_each(drop),
            ErrorCode::InvalidRequest,
        ),
        (
            |data| data.new_isr_with_epochs[1].broker_epoch = 9,
            ErrorCode::IneligibleReplica,
        ),
        (
            |data| data.leader_recovery_state = 1,
            ErrorCode::InvalidRequest,
        ),
    ];
    for (case, (edit, expected)) in cases.into_iter().enumerate() {
        let mut fleet = fleet();
        let request = report(&fleet, edit);
        assert_eq!(alter(&mut fleet, &request), expected, "case {case}");
    }
    let mut fleet = fleet();
    let mut stranger = report(&fleet, |_| {});
    stranger.broker_id = 1;
    assert_eq!(alter(&mut fleet, &stranger), ErrorCode::InvalidRequest);
    let mut stale = report(&fleet, |_| {});
    stale.broker_epoch = 0;
    assert_eq!(alter(&mut fleet, &stale), ErrorCode::StaleBrokerEpoch);
}

#[test]
fn the_in_sync_set_is_what_its_leader_says() {
    let mut fleet = fleet();
    let shrink = report(&fleet, |data| data.new_isr_with_epochs.truncate(2));
    let decision = alter_partition(fleet.context(), &shrink, 3);
    let reply = fleet.commit(decision).topics[0].partitions[0].clone();
    assert_eq!(
        (reply.isr, reply.leader_id, reply.leader_epoch),
        (vec![0, 1], 0, 0)
    );
    assert_eq!(reply.partition_epoch, 1);
    let same = report(&fleet, |data| data.new_isr_with_epochs.truncate(2));
    assert_eq!(alter_partition(fleet.context(), &same, 3).records, []);
    let without_epochs = report(&fleet, |data| {
        data.new_isr = vec![0, 1, 2];
        data.new_isr_with_epochs.clear();
    });
    let grown = alter_partition(fleet.context(), &without_epochs, 2);
    assert!(matches!(
        grown.records[..],
        [MetadataRecord::PartitionChange(_)]
    ));
}

#[test]
fn a_partition_that_a_request_names_twice_changes_once() {
    let mut fleet = fleet();
    let mut twice = report(&fleet, |data| data.new_isr_with_epochs.truncate(2));
    twice.topics.push(twice.topics[0].clone());
    let decision = alter_partition(fleet.context(), &twice, 3);
    let codes = decision
        .response
        .topics
        .iter()
        .map(|topic| topic.partitions[0].error_code);
    assert_eq!(
        codes.collect::<Vec<_>>(),
        [0, ErrorCode::InvalidRequest.code()]
    );
    fleet.commit(decision);

    let fleet = drifted();
    let named = TopicPartitions {
        topic: "t".into(),
        partitions: vec![0, 0],
    };
    let request = ElectLeadersRequest {
        election_type: 0,
        topic_partitions: Some(vec![named]),
        timeout_ms: 0,
    };
    let decision = elect_leaders(fleet.context(), &request);
    assert_eq!(decision.records.len(), 1);
    let results = &decision.response.replica_election_results[0].partition_result;
    assert_eq!(results[1].error_code, ErrorCode::ElectionNotNeeded.code());
}
