//! Requests that are well-formed and absurd: each is answered, costs bounded memory, and leaves the
//! broker to others.

use std::time::Duration;

use anyhow::{Context, Result};
use millrace_client::{ClientOptions, Connection};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::ErrorCode;
use millrace_wire::Request;
use millrace_wire::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use millrace_wire::messages::fetch_request::{FetchPartition, FetchRequest};
use millrace_wire::messages::find_coordinator_request::FindCoordinatorRequest;
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use crate::bystander::{Bystander, Line, batch_of};
use crate::peer::memory_stayed_below;

/// Twice what the largest of the requests needs for itself and its answer.
const MEMORY_LIMIT_MIB: u64 = 400;
const LIMIT: Duration = Duration::from_secs(30);
const TOPIC: &str = "absurd";
/// How often a request names what it should name once.
const MANY: u16 = 50_000;

async fn ask<R: Request>(broker: &Broker, request: &R) -> Result<R::Response> {
    let address = broker.address();
    let options = ClientOptions::new(Vec::new());
    let connection = Connection::open(&address.ip().to_string(), address.port(), &options).await?;
    let answer = connection.call(request, LIMIT).await;
    answer.with_context(|| R::KEY.name())
}

async fn create(broker: &Broker, partitions: i32) -> Result<ErrorCode> {
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: "endless".into(),
            num_partitions: partitions,
            replication_factor: 1,
            ..CreatableTopic::default()
        }],
        ..CreateTopicsRequest::default()
    };
    let answer = ask(broker, &request).await?;
    let topic = answer.topics.first().context("a topic")?;
    Ok(ErrorCode::from_code(topic.error_code))
}

async fn extend(broker: &Broker, partitions: i32) -> Result<ErrorCode> {
    let request = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: TOPIC.into(),
            count: partitions,
            ..CreatePartitionsTopic::default()
        }],
        ..CreatePartitionsRequest::default()
    };
    let answer = ask(broker, &request).await?;
    let topic = answer.results.first().context("a topic")?;
    Ok(ErrorCode::from_code(topic.error_code))
}

fn asked_for_often() -> MetadataRequest {
    let topic = MetadataRequestTopic {
        name: Some(TOPIC.into()),
        ..MetadataRequestTopic::default()
    };
    MetadataRequest {
        topics: Some(vec![topic; MANY.into()]),
        ..MetadataRequest::default()
    }
}

fn fetched_often(line: &Line) -> FetchRequest {
    let mut request = line.fetch_request(0);
    for topic in &mut request.topics {
        let partition = FetchPartition::default();
        topic.partitions = vec![partition; MANY.into()];
    }
    request
}

fn committed_often() -> OffsetCommitRequest {
    let partition = |index: u16| OffsetCommitRequestPartition {
        partition_index: index.into(),
        committed_offset: 1,
        ..OffsetCommitRequestPartition::default()
    };
    OffsetCommitRequest {
        group_id: "group".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: TOPIC.into(),
            partitions: (0..MANY).map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

fn joined_with(metadata_mib: usize) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "group".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: vec![0; metadata_mib * 1024 * 1024].into(),
        }],
        ..JoinGroupRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_requests_are_answered() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let bystander = Bystander::start(&broker).await?;
    let line = Line::open(&broker, TOPIC).await?;
    line.produce(batch_of(&[b"value"])?).await?;
    for partitions in [i32::MAX, 1_000_000] {
        assert_eq!(
            create(&broker, partitions).await?,
            ErrorCode::PolicyViolation
        );
        assert_eq!(
            extend(&broker, partitions).await?,
            ErrorCode::PolicyViolation
        );
    }
    ask(&broker, &asked_for_often()).await?;
    ask(&broker, &fetched_often(&line)).await?;
    ask(&broker, &committed_often()).await?;
    let coordinators = FindCoordinatorRequest {
        coordinator_keys: vec!["group".into(); MANY.into()],
        ..FindCoordinatorRequest::default()
    };
    ask(&broker, &coordinators).await?;
    let joined = ask(&broker, &joined_with(50)).await?;
    assert_ne!(joined.error_code, 0, "a member of 50 MiB was taken");
    bystander.goes_on().await?;
    bystander.end().await?;
    memory_stayed_below(MEMORY_LIMIT_MIB, &broker)
}
