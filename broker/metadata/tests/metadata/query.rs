//! Metadata, DescribeCluster and DescribeTopicPartitions.

use millrace_metadata::query::{
    describe_cluster, describe_topic_partitions, metadata, unknown_topics,
};
use millrace_types::{ErrorCode, Uuid};
use millrace_wire::messages::describe_cluster_request::DescribeClusterRequest;
use millrace_wire::messages::describe_topic_partitions_request::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use millrace_wire::messages::metadata_response::MetadataResponseTopic;

use crate::fleet::{Fleet, broker_record, id};

const LATEST: i16 = 13;

fn named(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic {
        name: Some(name.into()),
        ..MetadataRequestTopic::default()
    }
}

fn with_id(topic_id: Uuid) -> MetadataRequestTopic {
    MetadataRequestTopic {
        topic_id,
        name: None,
    }
}

fn ask(
    fleet: &Fleet,
    topics: Option<Vec<MetadataRequestTopic>>,
    version: i16,
) -> Vec<MetadataResponseTopic> {
    let request = MetadataRequest {
        topics,
        ..MetadataRequest::default()
    };
    metadata(&fleet.image, &request, version, fleet.asker()).topics
}

#[test]
fn no_list_and_in_version_0_an_empty_list_mean_all_topics() {
    let mut fleet = Fleet::of_one();
    for name in ["b", "__consumer_offsets", "a"] {
        fleet.create(name, 2, 1);
    }
    let all = ["__consumer_offsets", "a", "b"];
    for (topics, version, expected) in [
        (None, LATEST, &all[..]),
        (None, 1, &all),
        (Some(vec![]), 0, &all),
        (Some(vec![]), 1, &[]),
        (
            Some(vec![named("b"), named("a"), named("b")]),
            5,
            &["b", "a"],
        ),
    ] {
        let answer = ask(&fleet, topics, version);
        let names: Vec<_> = answer
            .iter()
            .filter_map(|topic| topic.name.as_deref())
            .collect();
        assert_eq!(names, expected);
        for topic in answer {
            assert_eq!(
                topic.is_internal,
                topic.name.as_deref() == Some("__consumer_offsets")
            );
            assert_eq!(topic.topic_authorized_operations, i32::MIN);
            assert_eq!(topic.partitions.len(), 2);
            assert_eq!(topic.partitions[1].leader_id, 0);
        }
    }
}

#[test]
fn topics_that_cannot_be_answered_say_why() {
    let mut fleet = Fleet::of_one();
    fleet.create("a", 1, 1);
    let a = fleet.image.topics.get("a").unwrap().id;
    for (topic, version, expected) in [
        (named("nope"), LATEST, ErrorCode::UnknownTopicOrPartition),
        (named("bad name"), LATEST, ErrorCode::InvalidTopicException),
        (with_id(a), 12, ErrorCode::None),
        (with_id(a), 11, ErrorCode::InvalidRequest),
        (with_id(id(99)), 12, ErrorCode::UnknownTopicId),
        (with_id(Uuid::ZERO), 12, ErrorCode::InvalidRequest),
    ] {
        let answer = ask(&fleet, Some(vec![topic]), version);
        assert_eq!(ErrorCode::from_code(answer[0].error_code), expected);
        assert_eq!(
            answer[0].name.is_none(),
            matches!(expected, ErrorCode::UnknownTopicId)
                || (expected == ErrorCode::InvalidRequest && version >= 12)
        );
    }
}

#[test]
fn only_legal_names_that_no_topic_has_may_be_created_for_the_asker() {
    let mut fleet = Fleet::of_one();
    fleet.create("a", 1, 1);
    let request = MetadataRequest {
        topics: Some(vec![
            named("a"),
            named("new"),
            named("bad name"),
            with_id(id(9)),
        ]),
        ..MetadataRequest::default()
    };
    let names: Vec<_> = unknown_topics(&fleet.image, &request)
        .map(AsRef::as_ref)
        .collect();
    assert_eq!(names, ["new"]);
}

#[test]
fn clients_get_addresses_of_the_listener_they_came_in_on() {
    let mut fleet = Fleet::new(&[Some("r1"), None]);
    fleet.create("a", 2, 2);
    let request = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let here = metadata(&fleet.image, &request, LATEST, fleet.asker());
    let hosts: Vec<_> = here
        .brokers
        .iter()
        .map(|broker| (&*broker.host, broker.port))
        .collect();
    assert_eq!(hosts, [("broker-0", 9092), ("broker-1", 9092)]);
    assert_eq!(here.brokers[0].rack.as_deref(), Some("r1"));
    assert_eq!(
        (here.controller_id, here.cluster_id.as_deref()),
        (0, Some("cluster"))
    );
    let elsewhere = millrace_metadata::query::Asker {
        listener: "OTHER",
        ..fleet.asker()
    };
    for (version, expected) in [
        (5, ErrorCode::LeaderNotAvailable),
        (LATEST, ErrorCode::ListenerNotFound),
    ] {
        let answer = metadata(&fleet.image, &request, version, elsewhere);
        assert_eq!(answer.brokers, []);
        let partition = &answer.topics[0].partitions[0];
        assert_eq!(ErrorCode::from_code(partition.error_code), expected);
        assert_eq!(partition.leader_id, -1);
        assert_eq!(partition.offline_replicas.len(), 2);
    }
}

#[test]
fn the_cluster_is_described_to_those_who_ask_for_brokers() {
    let fleet = Fleet::new(&[None, None]);
    for (endpoint_type, expected) in [
        (1, ErrorCode::None),
        (2, ErrorCode::MismatchedEndpointType),
        (3, ErrorCode::UnsupportedEndpointType),
    ] {
        let request = DescribeClusterRequest {
            endpoint_type,
            ..DescribeClusterRequest::default()
        };
        let answer = describe_cluster(&fleet.image, &request, fleet.asker());
        assert_eq!(ErrorCode::from_code(answer.error_code), expected);
        assert_eq!(answer.brokers.len(), if expected.is_none() { 2 } else { 0 });
    }
}

/// Pages of `limit` partitions, as (topic, partitions).
fn pages(fleet: &Fleet, topics: &[&str], limit: i32) -> Vec<Vec<(String, usize)>> {
    let mut request = DescribeTopicPartitionsRequest {
        topics: topics
            .iter()
            .map(|&name| TopicRequest { name: name.into() })
            .collect(),
        response_partition_limit: limit,
        cursor: None,
    };
    let mut pages = Vec::new();
    loop {
        let page = describe_topic_partitions(&fleet.image, &request, 2_000, fleet.asker());
        let topics = page.topics.iter();
        let shown = topics.map(|topic| {
            (
                topic.name.as_deref().unwrap_or_default().to_owned(),
                topic.partitions.len(),
            )
        });
        pages.push(shown.collect());
        let Some(next) = page.next_cursor else {
            return pages;
        };
        request.cursor = Some(Cursor {
            topic_name: next.topic_name,
            partition_index: next.partition_index,
        });
    }
}

#[test]
fn topics_are_described_page_by_page() {
    let mut fleet = Fleet::of_one();
    for (name, partitions) in [("a", 2), ("b", 3), ("c", 1)] {
        fleet.create(name, partitions, 1);
    }
    let page = |topics: &[(&str, usize)]| -> Vec<(String, usize)> {
        topics
            .iter()
            .map(|&(name, count)| (name.to_owned(), count))
            .collect()
    };
    let everything = [page(&[("a", 2), ("b", 3), ("c", 1)])];
    assert_eq!(pages(&fleet, &[], 100), everything);
    assert_eq!(pages(&fleet, &[], 6), everything);
    assert_eq!(
        pages(&fleet, &[], 4),
        [page(&[("a", 2), ("b", 2)]), page(&[("b", 1), ("c", 1)])]
    );
    assert_eq!(
        pages(&fleet, &[], 2),
        [
            page(&[("a", 2)]),
            page(&[("b", 2)]),
            page(&[("b", 1), ("c", 1)])
        ]
    );
    assert_eq!(
        pages(&fleet, &["c", "nope", "b"], 3),
        [page(&[("b", 3)]), page(&[("c", 1), ("nope", 0)])]
    );
}

#[test]
fn a_fenced_broker_is_seen_by_no_client() {
    let mut fleet = Fleet::new(&[None, None]);
    let mut fenced = broker_record(1, None);
    if let millrace_metadata::MetadataRecord::RegisterBroker(record) = &mut fenced {
        record.fenced = true;
    }
    fleet.apply(&[fenced]);
    let answer = metadata(
        &fleet.image,
        &MetadataRequest::default(),
        LATEST,
        fleet.asker(),
    );
    assert_eq!(answer.brokers.len(), 1);
    for (include_fenced_brokers, count) in [(false, 1), (true, 2)] {
        let request = DescribeClusterRequest {
            include_fenced_brokers,
            ..DescribeClusterRequest::default()
        };
        let answer = describe_cluster(&fleet.image, &request, fleet.asker());
        assert_eq!(answer.brokers.len(), count);
    }
}
