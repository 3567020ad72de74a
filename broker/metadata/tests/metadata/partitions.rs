//! CreatePartitions.

use millrace_metadata::control::partitions::create_partitions;
use millrace_types::ErrorCode;
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};

use crate::fleet::Fleet;

fn grow(
    fleet: &mut Fleet,
    topics: Vec<CreatePartitionsTopic>,
    validate_only: bool,
) -> Vec<ErrorCode> {
    let request = CreatePartitionsRequest {
        topics,
        validate_only,
        ..CreatePartitionsRequest::default()
    };
    let mut entropy = std::mem::take(&mut fleet.entropy);
    let decision = create_partitions(fleet.context(), &request, &mut entropy);
    let response = fleet.commit(decision);
    response
        .results
        .iter()
        .map(|result| ErrorCode::from_code(result.error_code))
        .collect()
}

fn to(name: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic {
        name: name.into(),
        count,
        assignments: None,
    }
}

fn on(name: &str, count: i32, assignments: &[&[i32]]) -> CreatePartitionsTopic {
    let assignments = assignments
        .iter()
        .map(|brokers| CreatePartitionsAssignment {
            broker_ids: brokers.to_vec(),
        });
    CreatePartitionsTopic {
        assignments: Some(assignments.collect()),
        ..to(name, count)
    }
}

#[test]
fn every_topic_is_answered_and_only_the_good_ones_grow() {
    let cases = [
        (to("a", 5), ErrorCode::None),
        (to("b", 2), ErrorCode::InvalidPartitions),
        (to("c", 1), ErrorCode::InvalidPartitions),
        (to("d", -1), ErrorCode::InvalidPartitions),
        (to("e", i32::MAX), ErrorCode::PolicyViolation),
        (to("nope", 3), ErrorCode::UnknownTopicOrPartition),
        (on("f", 4, &[&[1, 0], &[0, 2]]), ErrorCode::None),
        (on("g", 4, &[&[1, 0]]), ErrorCode::InvalidReplicaAssignment),
        (on("h", 3, &[&[1]]), ErrorCode::InvalidReplicaAssignment),
        (on("i", 3, &[&[1, 7]]), ErrorCode::InvalidReplicaAssignment),
    ];
    let mut fleet = Fleet::new(&[None, None, None]);
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        fleet.create(name, 2, 2);
    }
    let (topics, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    assert_eq!(grow(&mut fleet, topics.clone(), true), expected);
    assert_eq!(fleet.image.topics.partition_count(), 18);
    assert_eq!(grow(&mut fleet, topics, false), expected);
    assert_eq!(fleet.image.topics.partition_count(), 23);
    let grown = fleet.image.topics.get("a").unwrap();
    let leaders: Vec<_> = grown
        .partitions
        .iter()
        .filter_map(|partition| partition.leader)
        .collect();
    assert!(
        leaders.windows(2).all(|pair| pair[0] != pair[1]),
        "{leaders:?}"
    );
}

#[test]
fn a_topic_that_is_named_twice_stays_as_it_is() {
    let mut fleet = Fleet::of_one();
    fleet.create("a", 1, 1);
    let results = grow(&mut fleet, vec![to("a", 2), to("a", 3)], false);
    assert_eq!(results, [ErrorCode::InvalidRequest]);
    assert_eq!(fleet.image.topics.partition_count(), 1);
}
