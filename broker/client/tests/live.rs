//! The client against a running broker: Apache Kafka or Millrace, whatever
//! `MILLRACE_TEST_BOOTSTRAP` names.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use millrace_client::admin::{
    ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind, NewPartitions, NewTopic, OffsetSpec,
};
use millrace_client::consumer::{Consumer, ConsumerOptions, GroupConsumer, GroupOptions, Start};
use millrace_client::producer::{Acks, Producer, ProducerOptions, ProducerRecord};
use millrace_client::{Client, ClientError, ClientOptions};
use millrace_records::Compression;
use millrace_types::{ErrorCode, TopicPartition, Uuid};
use tokio::sync::mpsc;

fn client() -> Client {
    let bootstrap = std::env::var("MILLRACE_TEST_BOOTSTRAP").expect("the broker's address");
    Client::new(ClientOptions::new(vec![bootstrap]))
}

fn unique(what: &str) -> Arc<str> {
    format!("{what}-{}", Uuid::random()).into()
}

async fn create(client: &Client, name: &Arc<str>, partitions: i32) {
    let topic = NewTopic {
        name: Arc::clone(name),
        partitions: Some(partitions),
        replication_factor: Some(1),
        ..NewTopic::default()
    };
    let created = client
        .create_topics(&[topic], false)
        .await
        .expect("an answer");
    created[0].1.as_ref().expect("the topic is created");
}

/// A broker that is asked may not have heard of a change yet.
async fn eventually<F>(client: &Client, holds: impl Fn() -> F)
where
    F: Future<Output = Result<bool, ClientError>>,
{
    let attempt = || async {
        let behind = ErrorCode::UnknownTopicOrPartition.code();
        let holds = holds().await?;
        holds.then_some(()).ok_or(ClientError::server(behind, None))
    };
    client.retrying(attempt).await.expect("the change arrives");
}

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn topics_come_grow_and_go() {
    let client = client();
    let name = unique("topic");
    create(&client, &name, 2).await;
    let twice = NewTopic {
        name: Arc::clone(&name),
        ..NewTopic::default()
    };
    let again = client.create_topics(&[twice], false).await.unwrap();
    let code = again[0].1.as_ref().unwrap_err().code();
    assert_eq!(code, Some(ErrorCode::TopicAlreadyExists));

    let grown = NewPartitions {
        topic: Arc::clone(&name),
        total: 5,
    };
    let outcome = client.create_partitions(&[grown], false).await.unwrap();
    outcome[0].1.as_ref().unwrap();
    eventually(&client, || async {
        let topic = client.topic_now(&name, false).await?;
        Ok(topic.partitions.len() == 5)
    })
    .await;

    let deleted = client.delete_topics(&[Arc::clone(&name)]).await.unwrap();
    deleted[0].1.as_ref().unwrap();
    let missing = client.delete_topics(&[unique("missing")]).await.unwrap();
    let code = missing[0].1.as_ref().unwrap_err().code();
    assert_eq!(code, Some(ErrorCode::UnknownTopicOrPartition));
}

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn settings_change_and_show() {
    let client = client();
    let name = unique("settings");
    create(&client, &name, 1).await;
    let resource = ConfigResource {
        kind: ConfigResourceKind::Topic,
        name: Arc::clone(&name),
    };
    let set = ConfigOp {
        kind: ConfigOpKind::Set,
        name: "retention.ms".into(),
        value: Some("77".into()),
    };
    let outcome = client
        .alter_configs(&[(resource.clone(), vec![set])], false)
        .await;
    outcome.unwrap()[0].1.as_ref().unwrap();
    eventually(&client, || async {
        let items = client.describe_configs(&resource).await?;
        let mut items = items.iter();
        let item = items.find(|item| &*item.name == "retention.ms").unwrap();
        Ok(item.value.as_deref() == Some("77") && !item.is_default())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn groups_keep_offsets() {
    let client = client();
    let (name, group) = (unique("offsets"), unique("group"));
    create(&client, &name, 1).await;
    let partition = TopicPartition::new(Arc::clone(&name), 0);
    let ends = [(partition.clone(), OffsetSpec::Latest)];
    let ends = client.list_offsets(&ends, false).await.unwrap();
    assert_eq!(ends[0].1.offset, Some(0));

    let offsets = BTreeMap::from([(partition.clone(), 0)]);
    client.set_group_offsets(&group, &offsets).await.unwrap();
    let stored = client.group_offsets(&group).await.unwrap();
    assert_eq!(stored[&partition].offset, 0);
    let groups = client.list_groups().await.unwrap();
    assert!(groups.iter().any(|listed| listed.id == group));
    client.delete_group(&group).await.unwrap();
    let log_dirs = {
        let view = client.cluster().await.unwrap();
        let node = *view.brokers.keys().next().unwrap();
        client.log_dirs(node).await.unwrap()
    };
    assert!(!log_dirs.is_empty());
}

/// A poll waits half a second, so this many that give nothing mean that nothing comes.
const EMPTY_POLLS: usize = 40;

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn what_is_written_is_read_in_order_with_every_codec() {
    let client = client();
    for compression in Compression::ALL {
        let name = unique(compression.name());
        create(&client, &name, 1).await;
        let options = ProducerOptions {
            compression,
            ..ProducerOptions::default()
        };
        let producer = Producer::start(&client, options);
        let mut receipts = Vec::new();
        for number in 0..2000 {
            let record = ProducerRecord {
                topic: Arc::clone(&name),
                key: Some(Bytes::from(format!("key {number}"))),
                value: Some(Bytes::from(format!("value {number}"))),
                headers: vec![(Bytes::from_static(b"h"), None)],
                ..ProducerRecord::default()
            };
            receipts.push(producer.send(&record).await.unwrap());
        }
        producer.flush().await;
        for (number, receipt) in (0..).zip(receipts) {
            let delivery = receipt.delivered().await.unwrap();
            assert_eq!(delivery.offset, Some(number), "{}", compression.name());
        }

        let mut consumer = Consumer::new(&client, ConsumerOptions::default());
        let partition = TopicPartition::new(Arc::clone(&name), 0);
        consumer
            .assign(&[(partition, Start::Offset(5))])
            .await
            .unwrap();
        let mut expected = 5;
        for _ in 0..EMPTY_POLLS {
            for record in consumer.poll().await.unwrap() {
                assert_eq!(record.offset, expected);
                let value = format!("value {expected}");
                assert_eq!(record.value.as_deref(), Some(value.as_bytes()));
                assert_eq!(record.headers.len(), 1);
                expected += 1;
            }
            if expected == 2000 {
                break;
            }
        }
        assert_eq!(expected, 2000);
    }
}

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn unacknowledged_records_arrive() {
    let client = client();
    let name = unique("acks0");
    create(&client, &name, 1).await;
    let options = ProducerOptions {
        acks: Acks::None,
        idempotent: false,
        ..ProducerOptions::default()
    };
    let producer = Producer::start(&client, options);
    let record = ProducerRecord {
        topic: Arc::clone(&name),
        value: Some(Bytes::from_static(b"x")),
        ..ProducerRecord::default()
    };
    // The leader may not be ready for the first ones, and nobody says so.
    for _ in 0..EMPTY_POLLS {
        let receipt = producer.send(&record).await.unwrap();
        assert_eq!(receipt.delivered().await.unwrap().offset, None);
    }
    let mut consumer = Consumer::new(&client, ConsumerOptions::default());
    let partition = TopicPartition::new(name, 0);
    consumer
        .assign(&[(partition, Start::Earliest)])
        .await
        .unwrap();
    for _ in 0..EMPTY_POLLS {
        if !consumer.poll().await.unwrap().is_empty() {
            return;
        }
    }
    panic!("nothing arrived");
}

/// Polls as its own task: members wait for each other, so none may wait for another's poll.
async fn member(client: Client, options: GroupOptions, seen: mpsc::Sender<(usize, usize)>) {
    let mut consumer = GroupConsumer::new(&client, options);
    loop {
        let records = consumer.poll().await.expect("a poll");
        let report = (consumer.assigned().len(), records.len());
        if seen.send(report).await.is_err() {
            return consumer.close().await.expect("a goodbye");
        }
    }
}

#[tokio::test]
#[ignore = "needs a running broker: `tests/run live`"]
async fn a_group_shares_partitions_and_goes_on_where_it_stopped() {
    let client = client();
    let (name, group) = (unique("shared"), unique("group"));
    create(&client, &name, 4).await;
    let mut options = GroupOptions::new(Arc::clone(&group), vec![Arc::clone(&name)]);
    options.heartbeat_interval = std::time::Duration::from_millis(100);
    let start = || {
        let (seen, reports) = mpsc::channel(1);
        let task = tokio::spawn(member(client.clone(), options.clone(), seen));
        (task, reports)
    };
    let (one, mut from_one) = start();
    let (other, mut from_other) = start();
    loop {
        let (first, _) = from_one.recv().await.unwrap();
        let (second, _) = from_other.recv().await.unwrap();
        if (first, second) == (2, 2) {
            break;
        }
    }
    let described = client.describe_group(&group).await.unwrap();
    assert_eq!(&*described.state, "Stable");
    assert_eq!(described.members.len(), 2);
    assert_eq!(described.members[0].assigned.len(), 2);

    let producer = Producer::start(&client, ProducerOptions::default());
    for partition in 0..4 {
        let record = ProducerRecord {
            topic: Arc::clone(&name),
            partition: Some(partition),
            value: Some(Bytes::from_static(b"x")),
            ..ProducerRecord::default()
        };
        let receipt = producer.send(&record).await.unwrap();
        receipt.delivered().await.unwrap();
    }
    let mut read = 0;
    while read < 4 {
        let (_, records) = tokio::select! {
            report = from_one.recv() => report.unwrap(),
            report = from_other.recv() => report.unwrap(),
        };
        read += records;
    }
    drop((from_one, from_other));
    one.await.unwrap();
    other.await.unwrap();
    let committed = client.group_offsets(&group).await.unwrap();
    assert!(committed.len() == 4 && committed.values().all(|offset| offset.offset == 1));
}
