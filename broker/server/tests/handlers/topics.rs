//! Frames that are not what they say, and what those are told who change the fleet's topics.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;
use millrace_wire::messages::alter_configs_request as replacing;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest,
};
use millrace_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use millrace_wire::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use millrace_wire::messages::incremental_alter_configs_request as changing;
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use millrace_wire::messages::produce_request::ProduceRequest;

use crate::book::{Book, CLIENT, encoded};
use crate::requests::{create, name, topic};

const OF_TOPICS: i8 = 2;
const OF_BROKERS: i8 = 4;

async fn open() -> Book {
    let mut book = Book::open().await;
    let request = create(vec![topic("events", &[])]);
    book.world.send(encoded(&request, 5, CLIENT)).await;
    book
}

/// A frame whose header says another API or version than it was made for.
fn relabelled(frame: &Bytes, key: i16, version: i16) -> Bytes {
    let mut bytes = frame.to_vec();
    bytes[..2].copy_from_slice(&key.to_be_bytes());
    bytes[2..4].copy_from_slice(&version.to_be_bytes());
    bytes.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_what_they_say_or_the_connection_ends() {
    let mut book = open().await;
    let newest = encoded(&ApiVersionsRequest::default(), 4, CLIENT);
    let future = relabelled(&newest, 18, 99);
    book.send::<ApiVersionsRequest>("a version of the future", 0, future)
        .await;
    let bad = ApiVersionsRequest {
        client_software_name: "no such thing!".into(),
        client_software_version: "1".into(),
    };
    book.ask("software with a name that is none", 3, &bad).await;
    let everything = encoded(&MetadataRequest::default(), 1, CLIENT);
    let cut = everything.slice(..everything.len() - 1);
    for (case, frame) in [
        (
            "another API's version of the future",
            relabelled(&everything, 3, 99),
        ),
        ("an API that nobody knows", relabelled(&everything, 9999, 0)),
        ("a request that ends early", cut),
        ("a header that ends early", everything.slice(..5)),
    ] {
        book.send::<MetadataRequest>(case, 1, frame).await;
    }
    let old = relabelled(&everything, 0, 2);
    book.send::<ProduceRequest>("what is advertised for old clients only", 2, old)
        .await;
    book.close("frames");
}

fn about(topics: &[&str]) -> MetadataRequest {
    let topics = topics.iter().map(|topic| MetadataRequestTopic {
        name: name(topic),
        ..MetadataRequestTopic::default()
    });
    MetadataRequest {
        topics: Some(topics.collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_tells_what_is_asked_for() {
    let mut book = open().await;
    let everything = MetadataRequest {
        topics: None,
        ..about(&[])
    };
    let old = MetadataRequest {
        allow_auto_topic_creation: true,
        ..about(&[])
    };
    book.ask("everything, of old", 0, &old).await;
    book.ask("everything", 9, &everything).await;
    book.ask("nothing", 9, &about(&[])).await;
    book.ask("what is not there", 9, &about(&["missing"])).await;
    let making = MetadataRequest {
        allow_auto_topic_creation: true,
        ..about(&["made", "not/possible"])
    };
    book.ask("what may be made", 9, &making).await;
    book.ask("what was made", 9, &about(&["made"])).await;
    let by_id = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            topic_id: Uuid(*b"nobody's id here"),
            name: None,
        }]),
        ..about(&[])
    };
    book.ask("an id of no topic", 12, &by_id).await;
    let with_operations = MetadataRequest {
        include_topic_authorized_operations: true,
        ..about(&["events"])
    };
    book.ask("with what one may do", 9, &with_operations).await;
    book.close("metadata");
}

fn sized(name: &str, partitions: i32, replicas: i16) -> CreatableTopic {
    CreatableTopic {
        num_partitions: partitions,
        replication_factor: replicas,
        ..topic(name, &[])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_made_or_it_is_said_why_not() {
    let mut book = open().await;
    let assigned = |name: &str, brokers: Vec<i32>, partitions, replicas| CreatableTopic {
        assignments: vec![CreatableReplicaAssignment {
            partition_index: 0,
            broker_ids: brokers,
        }],
        ..sized(name, partitions, replicas)
    };
    let cases = [
        ("a name that is taken", topic("events", &[])),
        ("a name that nobody may have", topic("not/possible", &[])),
        ("more replicas than brokers", sized("wide", 1, 2)),
        ("no partitions", sized("empty", 0, 1)),
        ("the fleet's own numbers", sized("usual", -1, -1)),
        (
            "a setting that is none",
            topic("strange", &[("no.such", "1")]),
        ),
        (
            "a setting that is no number",
            topic("odd", &[("retention.ms", "soon")]),
        ),
        ("an assignment", assigned("placed", vec![1], -1, -1)),
        ("an assignment to nobody", assigned("lost", vec![9], -1, -1)),
        (
            "an assignment and a number",
            assigned("both", vec![1], 1, 1),
        ),
        ("dots and", topic("a.b", &[])),
        ("lines that collide", topic("a_b", &[])),
    ];
    for (case, topic) in cases {
        let request = create(vec![topic]);
        let answer = book.ask(case, 7, &request).await.unwrap();
        // All settings of a topic come with it: too many to read here.
        assert_eq!(answer.topics.len(), 1);
    }
    let trial = CreateTopicsRequest {
        validate_only: true,
        ..create(vec![topic("trial", &[])])
    };
    book.ask("only to see", 4, &trial).await;
    book.ask("what was only seen", 9, &about(&["trial"])).await;
    for (case, topic, count) in [
        ("more partitions", "events", 3),
        ("fewer partitions", "events", 1),
        ("as many partitions", "events", 3),
        ("partitions of nothing", "missing", 3),
    ] {
        let request = CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic {
                name: topic.into(),
                count,
                assignments: None,
            }],
            timeout_ms: 1000,
            validate_only: false,
        };
        book.ask(case, 3, &request).await;
    }
    for (case, state) in [
        (
            "deleting by name",
            DeleteTopicState {
                name: name("events"),
                topic_id: Uuid::ZERO,
            },
        ),
        (
            "deleting it again",
            DeleteTopicState {
                name: name("events"),
                topic_id: Uuid::ZERO,
            },
        ),
        (
            "deleting by an id of no topic",
            DeleteTopicState {
                name: None,
                topic_id: Uuid([9; 16]),
            },
        ),
    ] {
        let request = DeleteTopicsRequest {
            topics: vec![state],
            timeout_ms: 1000,
            ..DeleteTopicsRequest::default()
        };
        book.ask(case, 6, &request).await;
    }
    book.close("topics");
}

fn described(kind: i8, resource: &str, keys: &[&str]) -> DescribeConfigsRequest {
    let keys = keys.iter().map(|&key| Arc::from(key));
    DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: kind,
            resource_name: resource.into(),
            configuration_keys: Some(keys.collect()),
        }],
        include_synonyms: true,
        ..DescribeConfigsRequest::default()
    }
}

fn change(
    topic: &str,
    key: &str,
    operation: i8,
    value: Option<&str>,
) -> changing::IncrementalAlterConfigsRequest {
    changing::IncrementalAlterConfigsRequest {
        resources: vec![changing::AlterConfigsResource {
            resource_type: OF_TOPICS,
            resource_name: topic.into(),
            configs: vec![changing::AlterableConfig {
                name: key.into(),
                config_operation: operation,
                value: value.map(Arc::from),
            }],
        }],
        validate_only: false,
    }
}

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_one_by_one_or_as_a_whole() {
    let mut book = open().await;
    let cases = [
        (
            "setting a number",
            "events",
            "retention.ms",
            SET,
            Some("1000"),
        ),
        (
            "setting what is no number",
            "events",
            "retention.ms",
            SET,
            Some("soon"),
        ),
        (
            "setting what is no setting",
            "events",
            "no.such",
            SET,
            Some("1"),
        ),
        (
            "appending to a list",
            "events",
            "cleanup.policy",
            APPEND,
            Some("compact"),
        ),
        (
            "subtracting from a list",
            "events",
            "cleanup.policy",
            SUBTRACT,
            Some("delete"),
        ),
        (
            "appending to a number",
            "events",
            "retention.ms",
            APPEND,
            Some("1"),
        ),
        (
            "going back to the default",
            "events",
            "retention.ms",
            DELETE,
            None,
        ),
        (
            "setting without a value",
            "events",
            "retention.ms",
            SET,
            None,
        ),
        (
            "an operation that is none",
            "events",
            "retention.ms",
            9,
            Some("1"),
        ),
        (
            "a topic that is not there",
            "missing",
            "retention.ms",
            SET,
            Some("1"),
        ),
    ];
    for (case, topic, key, operation, value) in cases {
        book.ask(case, 1, &change(topic, key, operation, value))
            .await;
    }
    let keys = ["retention.ms", "cleanup.policy", "segment.ms"];
    book.ask("what came of it", 4, &described(OF_TOPICS, "events", &keys))
        .await;
    let whole = replacing::AlterConfigsRequest {
        resources: vec![replacing::AlterConfigsResource {
            resource_type: OF_TOPICS,
            resource_name: "events".into(),
            configs: vec![replacing::AlterableConfig {
                name: "segment.ms".into(),
                value: name("2000"),
            }],
        }],
        validate_only: false,
    };
    book.ask("all at once", 2, &whole).await;
    book.ask("what is left", 4, &described(OF_TOPICS, "events", &keys))
        .await;
    for (case, kind, resource, key) in [
        (
            "settings of a topic that is not there",
            OF_TOPICS,
            "missing",
            "retention.ms",
        ),
        (
            "settings of this broker",
            OF_BROKERS,
            "1",
            "log.retention.hours",
        ),
        (
            "settings of all brokers",
            OF_BROKERS,
            "",
            "log.retention.hours",
        ),
        (
            "settings of another broker",
            OF_BROKERS,
            "9",
            "log.retention.hours",
        ),
        (
            "settings of a broker that is no number",
            OF_BROKERS,
            "one",
            "log.retention.hours",
        ),
        ("settings of a kind that is none", 99, "x", "y"),
    ] {
        book.ask(case, 4, &described(kind, resource, &[key])).await;
    }
    book.close("settings");
}
