//! CreateTopics and DeleteTopics, refusals above all.

use millrace_metadata::control::topics::{auto_created, create_topics, delete_topics};
use millrace_metadata::image::configs::ResourceKind;
use millrace_types::{ErrorCode, NodeId, Uuid};
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use millrace_wire::messages::create_topics_response::CreateTopicsResponse;
use millrace_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use millrace_wire::messages::delete_topics_response::DeleteTopicsResponse;

use crate::fleet::{Counter, Fleet, id};

fn topic(name: &str) -> CreatableTopic {
    CreatableTopic {
        name: name.into(),
        num_partitions: 1,
        replication_factor: 1,
        ..CreatableTopic::default()
    }
}

fn assigned(name: &str, assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignments = assignments
        .iter()
        .map(|&(index, brokers)| CreatableReplicaAssignment {
            partition_index: index,
            broker_ids: brokers.to_vec(),
        });
    CreatableTopic {
        num_partitions: -1,
        replication_factor: -1,
        assignments: assignments.collect(),
        ..topic(name)
    }
}

fn with_config(name: &str, key: &str, value: Option<&str>) -> CreatableTopic {
    CreatableTopic {
        configs: vec![CreatableTopicConfig {
            name: key.into(),
            value: value.map(Into::into),
        }],
        ..topic(name)
    }
}

fn create(fleet: &mut Fleet, topics: Vec<CreatableTopic>) -> CreateTopicsResponse {
    let request = CreateTopicsRequest {
        topics,
        ..CreateTopicsRequest::default()
    };
    let mut entropy = std::mem::take(&mut fleet.entropy);
    let decision = create_topics(fleet.context(), &request, &mut entropy);
    fleet.entropy = entropy;
    fleet.commit(decision)
}

fn delete(fleet: &mut Fleet, topics: Vec<DeleteTopicState>, names: &[&str]) -> Vec<ErrorCode> {
    let request = DeleteTopicsRequest {
        topics,
        topic_names: names.iter().map(|&name| name.into()).collect(),
        ..DeleteTopicsRequest::default()
    };
    let decision = delete_topics(fleet.context(), &request, 6);
    let DeleteTopicsResponse { responses, .. } = fleet.commit(decision);
    responses
        .iter()
        .map(|result| ErrorCode::from_code(result.error_code))
        .collect()
}

/// Topics for a fleet of three that has `taken` and `with.dot`, and what becomes of each.
fn wanted_and_refused() -> Vec<(CreatableTopic, ErrorCode)> {
    let two = |name: &str, partitions, replication_factor| CreatableTopic {
        num_partitions: partitions,
        replication_factor,
        ..topic(name)
    };
    vec![
        (topic("good"), ErrorCode::None),
        (topic("taken"), ErrorCode::TopicAlreadyExists),
        (topic("bad name"), ErrorCode::InvalidTopicException),
        (topic("with_dot"), ErrorCode::InvalidTopicException),
        (
            topic("__cluster_metadata"),
            ErrorCode::TopicAuthorizationFailed,
        ),
        (two("none", 0, 1), ErrorCode::InvalidPartitions),
        (two("negative", -2, 1), ErrorCode::InvalidPartitions),
        (
            two("no-replicas", 1, 0),
            ErrorCode::InvalidReplicationFactor,
        ),
        (
            two("too-many-replicas", 1, 4),
            ErrorCode::InvalidReplicationFactor,
        ),
        (
            with_config("unknown-config", "no.such", Some("1")),
            ErrorCode::InvalidConfig,
        ),
        (
            with_config("bad-config", "retention.ms", Some("soon")),
            ErrorCode::InvalidConfig,
        ),
        (
            with_config("null-config", "retention.ms", None),
            ErrorCode::InvalidConfig,
        ),
    ]
}

/// The same with replicas that the client chose.
fn assigned_well_and_badly() -> Vec<(CreatableTopic, ErrorCode)> {
    vec![
        (
            assigned("manual", &[(1, &[2, 0]), (0, &[1, 2])]),
            ErrorCode::None,
        ),
        (
            assigned("gap", &[(0, &[1]), (2, &[1])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("twice", &[(0, &[1]), (0, &[2])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("uneven", &[(0, &[1]), (1, &[1, 2])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("repeat", &[(0, &[1, 1])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("stranger", &[(0, &[9])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            assigned("nobody", &[(0, &[])]),
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            CreatableTopic {
                num_partitions: 1,
                ..assigned("both", &[(0, &[1])])
            },
            ErrorCode::InvalidRequest,
        ),
    ]
}

#[test]
fn each_bad_topic_is_refused_by_its_own_error_and_the_good_ones_are_made() {
    let cases = wanted_and_refused()
        .into_iter()
        .chain(assigned_well_and_badly());
    let mut fleet = Fleet::new(&[None, None, None]);
    fleet.create("taken", 1, 1);
    fleet.create("with.dot", 1, 1);
    let (topics, expected): (Vec<_>, Vec<_>) = cases.unzip();
    let names: Vec<_> = topics.iter().map(|topic| topic.name.clone()).collect();
    let response = create(&mut fleet, topics);
    for ((result, name), expected) in response.topics.iter().zip(&names).zip(expected) {
        assert_eq!(&result.name, name);
        assert_eq!(
            ErrorCode::from_code(result.error_code),
            expected,
            "{result:?}"
        );
        assert_eq!(result.error_message.is_some(), expected != ErrorCode::None);
        assert_eq!(
            fleet.image.topics.get_by_id(result.topic_id).is_some(),
            expected.is_none()
        );
    }
    assert_eq!(fleet.image.topics.len(), 4);
    let manual = fleet.image.topics.get("manual").unwrap();
    assert_eq!(&*manual.partitions[1].replicas, [NodeId(2), NodeId(0)]);
    assert_eq!(manual.partitions[1].leader, Some(NodeId(2)));
}

#[test]
fn a_request_for_too_many_partitions_is_refused_as_a_whole() {
    for (counts, expected) in [
        (vec![5_000, 5_000], ErrorCode::None),
        (vec![5_000, 5_001], ErrorCode::PolicyViolation),
        (vec![1, i32::MAX, i32::MAX], ErrorCode::PolicyViolation),
    ] {
        let topics = (0..)
            .zip(counts)
            .map(|(number, count): (i32, i32)| CreatableTopic {
                num_partitions: count,
                ..topic(&format!("t{number}"))
            });
        let mut fleet = Fleet::of_one();
        for result in create(&mut fleet, topics.collect()).topics {
            assert_eq!(ErrorCode::from_code(result.error_code), expected);
        }
    }
}

#[test]
fn names_that_occur_twice_or_collide_within_one_request_are_refused() {
    let mut fleet = Fleet::of_one();
    let topics = ["a", "b", "a", "x.y", "x_y"].map(topic).to_vec();
    let response = create(&mut fleet, topics);
    let results = response.topics.iter();
    let results: Vec<_> = results
        .map(|result| (&*result.name, ErrorCode::from_code(result.error_code)))
        .collect();
    assert_eq!(
        results,
        [
            ("a", ErrorCode::InvalidRequest),
            ("b", ErrorCode::None),
            ("x.y", ErrorCode::None),
            ("x_y", ErrorCode::InvalidTopicException),
        ]
    );
}

#[test]
fn minus_one_means_the_brokers_default_as_it_is_now() {
    let mut fleet = Fleet::new(&[None, None, None])
        .set("num.partitions", "4")
        .set("default.replication.factor", "2");
    let asked = CreatableTopic {
        num_partitions: -1,
        replication_factor: -1,
        ..with_config("t", "retention.ms", Some("1000"))
    };
    let response = create(&mut fleet, vec![asked]);
    let result = &response.topics[0];
    assert_eq!((result.num_partitions, result.replication_factor), (4, 2));
    let configs = result.configs.as_ref().unwrap();
    let shown = |key: &str| configs.iter().find(|config| &*config.name == key).unwrap();
    assert_eq!(shown("retention.ms").value.as_deref(), Some("1000"));
    assert_eq!(shown("retention.ms").config_source, 1);
    assert_eq!(shown("cleanup.policy").value.as_deref(), Some("delete"));
    assert_eq!(shown("cleanup.policy").config_source, 5);
    let topic = fleet.image.topics.get("t").unwrap();
    assert_eq!(topic.partitions.len(), 4);
    assert!(
        topic
            .partitions
            .iter()
            .all(|partition| partition.replicas.len() == 2)
    );
}

#[test]
fn validating_answers_as_creating_would_and_makes_nothing() {
    let fleet = Fleet::of_one();
    let request = CreateTopicsRequest {
        topics: vec![topic("a"), topic("bad name")],
        validate_only: true,
        ..CreateTopicsRequest::default()
    };
    let decision = create_topics(fleet.context(), &request, &mut Counter::default());
    assert_eq!(decision.records, []);
    let codes: Vec<_> = decision
        .response
        .topics
        .iter()
        .map(|result| result.error_code)
        .collect();
    assert_eq!(codes, [0, ErrorCode::InvalidTopicException.code()]);
}

#[test]
fn deletes_by_name_and_by_id_with_everything_that_was_set() {
    let mut fleet = Fleet::of_one();
    for name in ["a", "b", "c", "d"] {
        create(
            &mut fleet,
            vec![with_config(name, "retention.ms", Some("1000"))],
        );
    }
    let by_id = |number| DeleteTopicState {
        name: None,
        topic_id: id(number),
    };
    let a = fleet.image.topics.get("a").unwrap().id;
    let wishes = vec![
        DeleteTopicState {
            name: None,
            topic_id: a,
        },
        by_id(999),
        DeleteTopicState {
            name: None,
            topic_id: Uuid::ZERO,
        },
        DeleteTopicState {
            name: Some("b".into()),
            topic_id: a,
        },
    ];
    let results = delete(&mut fleet, wishes, &["b", "nope", "c", "c"]);
    assert_eq!(
        results,
        [
            ErrorCode::None,
            ErrorCode::UnknownTopicId,
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidRequest,
            ErrorCode::None,
            ErrorCode::UnknownTopicOrPartition,
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidRequest,
        ]
    );
    let left: Vec<_> = fleet
        .image
        .topics
        .iter()
        .map(|topic| &*topic.name)
        .collect();
    assert_eq!(left, ["c", "d"]);
    assert_eq!(
        fleet.image.configs.resources(ResourceKind::Topic).count(),
        2
    );
}

#[test]
fn deletes_nothing_when_told_so() {
    let mut fleet = Fleet::of_one().set("delete.topic.enable", "false");
    fleet.create("a", 1, 1);
    assert_eq!(
        delete(&mut fleet, vec![], &["a"]),
        [ErrorCode::TopicDeletionDisabled]
    );
}

#[test]
fn a_topic_that_is_made_again_has_another_id() {
    let mut fleet = Fleet::of_one();
    fleet.create("a", 1, 1);
    let first = fleet.image.topics.get("a").unwrap().id;
    delete(&mut fleet, vec![], &["a"]);
    fleet.create("a", 1, 1);
    assert_ne!(fleet.image.topics.get("a").unwrap().id, first);
}

#[test]
fn state_topics_are_made_as_the_broker_is_told() {
    let mut fleet = Fleet::of_one()
        .set("offsets.topic.num.partitions", "7")
        .set("offsets.topic.replication.factor", "1")
        .set("transaction.state.log.replication.factor", "1")
        .set("transaction.state.log.min.isr", "1")
        .set("share.coordinator.state.topic.replication.factor", "1");
    let names = [
        "__consumer_offsets",
        "__transaction_state",
        "__share_group_state",
        "user",
    ];
    let topics = names
        .map(|name| auto_created(fleet.context(), &name.into()))
        .to_vec();
    let response = create(&mut fleet, topics);
    assert!(
        response.topics.iter().all(|result| result.error_code == 0),
        "{response:?}"
    );
    assert_eq!(
        fleet
            .image
            .topics
            .get("__consumer_offsets")
            .unwrap()
            .partitions
            .len(),
        7
    );
    let configs = fleet
        .image
        .configs
        .of(ResourceKind::Topic, "__transaction_state");
    assert_eq!(
        configs.get("cleanup.policy").map(AsRef::as_ref),
        Some("compact")
    );
}
