//! Topics by the hundred: made while the broker is killed, and for clients in a hurry. What was
//! acknowledged is there afterwards, and takes records.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_client::admin::NewTopic;
use millrace_client::producer::{Producer, ProducerOptions, ProducerRecord};
use millrace_client::{Client, ClientError, ClientOptions, Connection};
use millrace_tests::broker::Broker;
use millrace_tests::properties::Properties;
use millrace_tests::target::Target;
use millrace_types::ErrorCode;
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::workload::client;

const ROUNDS: usize = 3;
/// Topics of one request: enough that a kill finds some of them made and others not.
const BATCH: usize = 300;
const LIMIT: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

type Names = Arc<Mutex<BTreeSet<Arc<str>>>>;

/// Makes one batch after the other, and notes what is acknowledged.
async fn create(client: Client, round: usize, acknowledged: Names) -> Result<(), ClientError> {
    for batch in 0.. {
        let topics = (0..BATCH).map(|number| NewTopic {
            name: format!("topic-{round}-{batch}-{number}").into(),
            partitions: Some(1),
            ..NewTopic::default()
        });
        let topics: Vec<_> = topics.collect();
        for (name, outcome) in client.create_topics(&topics, false).await? {
            let is_there = match outcome {
                Ok(_) => true,
                Err(error) => error.code() == Some(ErrorCode::TopicAlreadyExists),
            };
            if is_there {
                acknowledged.lock().insert(name);
            }
        }
    }
    Ok(())
}

async fn more_than(names: &Names, count: usize) -> Result<()> {
    let reached = async {
        while names.lock().len() <= count {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(LIMIT, reached)
        .await
        .with_context(|| format!("more than {count} topics"))
}

async fn take_records(client: &Client, names: &BTreeSet<Arc<str>>) -> Result<()> {
    let producer = Producer::start(client, ProducerOptions::default());
    let mut receipts = Vec::with_capacity(names.len());
    for topic in names {
        let record = ProducerRecord {
            topic: Arc::clone(topic),
            value: Some("value".into()),
            ..ProducerRecord::default()
        };
        receipts.push((topic, producer.send(&record).await?));
    }
    for (topic, receipt) in receipts {
        let delivered = receipt.delivered().await;
        delivered.with_context(|| format!("a record for {topic}"))?;
    }
    producer.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_topics_survive_a_kill_in_the_middle_of_the_next_ones() -> Result<()> {
    let mut broker = Broker::start(Target::Millrace, &Properties::default())?;
    let names = Names::default();
    for round in 0..ROUNDS {
        let before = names.lock().len();
        let creating = tokio::spawn(create(client(&broker), round, Arc::clone(&names)));
        more_than(&names, before).await?;
        broker.kill()?;
        creating.abort();
        tokio::task::block_in_place(|| broker.resume())?;
        let client = client(&broker);
        let view = timeout(LIMIT, client.view_all()).await??;
        let acknowledged = names.lock().clone();
        for name in &acknowledged {
            ensure!(view.topics.contains_key(name), "{name} is gone");
        }
        let taken = timeout(LIMIT, take_records(&client, &acknowledged));
        taken.await?.with_context(|| broker.log_tail())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_made_although_nobody_waits_for_them() -> Result<()> {
    let broker = Broker::start(Target::Millrace, &Properties::default())?;
    let topics = (0..BATCH).map(|number| CreatableTopic {
        name: format!("topic-{number}").into(),
        num_partitions: 1,
        replication_factor: 1,
        ..CreatableTopic::default()
    });
    let request = CreateTopicsRequest {
        topics: topics.collect(),
        timeout_ms: 0,
        ..CreateTopicsRequest::default()
    };
    let address = broker.address();
    let options = ClientOptions::new(Vec::new());
    let connection = Connection::open(&address.ip().to_string(), address.port(), &options).await?;
    let answer = connection.call(&request, LIMIT).await?;
    ensure!(answer.topics.len() == BATCH);
    for topic in answer.topics {
        let error = ErrorCode::from_code(topic.error_code);
        ensure!(error == ErrorCode::RequestTimedOut, "{error}");
    }
    let made = async {
        while client(&broker).view_all().await?.topics.len() < BATCH {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        anyhow::Ok(())
    };
    timeout(LIMIT, made).await?
}
