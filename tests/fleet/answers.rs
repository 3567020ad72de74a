//! Answers to requests that no sound client sends and no client library can, so that nobody else
//! asks them of both brokers. Apache Kafka is the judge: `MILLRACE_TEST_TARGET=kafka`.

use std::time::Duration;

use anyhow::Result;
use millrace_client::admin::NewTopic;
use millrace_client::{ClientOptions, Connection};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::{ErrorCode, NO_OFFSET, NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use millrace_wire::messages::init_producer_id_request::InitProducerIdRequest;
use millrace_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

use crate::workload::client;

const TOPIC: &str = "asked";
const LATEST: i64 = -1;
const LIMIT: Duration = Duration::from_secs(30);

async fn connect(broker: &Broker) -> Result<Connection> {
    let address = broker.address();
    let options = ClientOptions::new(Vec::new());
    Ok(Connection::open(&address.ip().to_string(), address.port(), &options).await?)
}

/// Answers name no question, so neither of two is answered; and both get one refusal.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_asked_for_twice_is_refused_once() -> Result<()> {
    let broker = Broker::start(Target::from_env()?, &Properties::default())?;
    let topic = NewTopic {
        name: TOPIC.into(),
        partitions: Some(2),
        ..NewTopic::default()
    };
    for (_, made) in client(&broker).create_topics(&[topic], false).await? {
        made?;
    }
    let ask = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: LATEST,
        ..ListOffsetsPartition::default()
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: TOPIC.into(),
            partitions: vec![ask(0), ask(1), ask(0)],
        }],
        ..ListOffsetsRequest::default()
    };
    let answer = connect(&broker).await?.call(&request, LIMIT).await?;
    let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
    let mut told: Vec<_> = partitions
        .map(|told| (told.partition_index, told.error_code, told.offset))
        .collect();
    told.sort_unstable();
    let refused = (0, ErrorCode::InvalidRequest.code(), NO_OFFSET);
    assert_eq!(told, [refused, (1, 0, 0)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_identity_is_no_producer() -> Result<()> {
    let broker = Broker::start(Target::from_env()?, &Properties::default())?;
    let connection = connect(&broker).await?;
    for (case, transactional_id, producer_id, producer_epoch) in [
        (
            "a name without a letter",
            Some(""),
            NO_PRODUCER_ID,
            NO_PRODUCER_EPOCH,
        ),
        ("an id without an epoch", None, 7, NO_PRODUCER_EPOCH),
        ("an epoch without an id", None, NO_PRODUCER_ID, 7),
    ] {
        let request = InitProducerIdRequest {
            transactional_id: transactional_id.map(Into::into),
            transaction_timeout_ms: 60_000,
            producer_id,
            producer_epoch,
            ..InitProducerIdRequest::default()
        };
        let answer = connection.call(&request, LIMIT).await?;
        let code = ErrorCode::from_code(answer.error_code);
        assert_eq!(code, ErrorCode::InvalidRequest, "{case}");
    }
    Ok(())
}
