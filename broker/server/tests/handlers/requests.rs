//! Requests in few words.

use std::sync::Arc;

use bytes::Bytes;
use millrace_records::{BatchBuilder, NewRecord};
use millrace_types::Uuid;
use millrace_wire::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use millrace_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use millrace_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use millrace_wire::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use millrace_wire::{Records, Request};

use crate::book::{CLIENT, decoded, encoded};
use crate::world::{NOW, World};

/// Topics have ids instead of names from these versions on.
const PRODUCE_IDS_SINCE: i16 = 13;
const FETCH_IDS_SINCE: i16 = 13;

/// Asks, and takes the answer, which there must be.
pub(crate) async fn ask<R: Request>(world: &mut World, version: i16, request: &R) -> R::Response {
    let answer = world.send(encoded(request, version, CLIENT)).await;
    decoded::<R>(answer.frame(), version)
}

/// A plain batch to be, with a key in every record.
pub(crate) fn builder(records: usize) -> BatchBuilder {
    let mut builder = BatchBuilder::new(0);
    for _ in 0..records {
        let record = NewRecord {
            timestamp: NOW,
            key: Some(b"key"),
            value: Some(b"value"),
            headers: &[],
        };
        builder.push(&record).unwrap();
    }
    builder
}

pub(crate) fn batch(records: usize) -> Bytes {
    builder(records).build().unwrap().into()
}

/// By name or by id, as the version has it.
pub(crate) fn produce(
    topic: &str,
    id: Uuid,
    version: i16,
    records: impl Into<Records>,
) -> ProduceRequest {
    let by_id = version >= PRODUCE_IDS_SINCE;
    let partition = PartitionProduceData {
        index: 0,
        records: records.into(),
    };
    ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![TopicProduceData {
            name: if by_id { "".into() } else { topic.into() },
            topic_id: if by_id { id } else { Uuid::ZERO },
            partition_data: vec![partition],
        }],
        ..ProduceRequest::default()
    }
}

/// By name or by id, as the version has it; without a session, and without waiting.
pub(crate) fn fetch(topic: &str, id: Uuid, version: i16, offset: i64) -> FetchRequest {
    let by_id = version >= FETCH_IDS_SINCE;
    let partition = FetchPartition {
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    FetchRequest {
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: if by_id { "".into() } else { topic.into() },
            topic_id: if by_id { id } else { Uuid::ZERO },
            partitions: vec![partition],
        }],
        ..FetchRequest::default()
    }
}

pub(crate) fn list_offsets(topic: &str, timestamp: i64) -> ListOffsetsRequest {
    ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: topic.into(),
            partitions: vec![ListOffsetsPartition {
                timestamp,
                ..ListOffsetsPartition::default()
            }],
        }],
        ..ListOffsetsRequest::default()
    }
}

pub(crate) fn topic(name: &str, configs: &[(&str, &str)]) -> CreatableTopic {
    let configs = configs.iter().map(|&(name, value)| CreatableTopicConfig {
        name: name.into(),
        value: Some(value.into()),
    });
    CreatableTopic {
        name: name.into(),
        num_partitions: 1,
        replication_factor: 1,
        configs: configs.collect(),
        ..CreatableTopic::default()
    }
}

pub(crate) fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest {
        topics,
        timeout_ms: 1000,
        ..CreateTopicsRequest::default()
    }
}

pub(crate) fn name(text: &str) -> Option<Arc<str>> {
    Some(text.into())
}
