//! Writes the seeds of the corpus: small and real messages, records and files, one for each thing
//! a target can be given. `cargo run -p millrace-tests --example fuzz-seeds`, from anywhere.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use millrace_coordinator::{GroupRecord, OffsetKey};
use millrace_log::disk::{Disk, MemDisk, read_file};
use millrace_log::{AppendBatch, Log, LogConfig, LogDir, OpenLog, Origin};
use millrace_metadata::MetadataRecord;
use millrace_records::record::RecordHeader;
use millrace_records::{BatchBuilder, BatchHeader, Compression, NewRecord};
use millrace_types::Uuid;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use millrace_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use millrace_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use millrace_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use millrace_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use millrace_wire::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use millrace_wire::records::group::group_metadata_value::{GroupMetadataValue, MemberMetadata};
use millrace_wire::records::group::offset_commit_value::OffsetCommitValue;
use millrace_wire::records::metadata::config_record::ConfigRecord;
use millrace_wire::records::metadata::partition_record::PartitionRecord;
use millrace_wire::records::metadata::register_broker_record::{
    BrokerEndpoint, RegisterBrokerRecord,
};
use millrace_wire::records::metadata::topic_record::TopicRecord;
use millrace_wire::roster::ROSTER;
use millrace_wire::{LENGTH_BYTES, Piece, Records, Request, encode_request, served};

const NOW: i64 = 1_700_000_000_000;
const TOPIC_ID: Uuid = Uuid([7; 16]);

fn main() -> Result<()> {
    record_batches()?;
    requests()?;
    group_records()?;
    metadata_records()?;
    properties()?;
    quorum_messages()?;
    data_dirs()?;
    log_files()
}

fn put(target: &str, name: &str, content: &[u8]) -> Result<()> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    fs::create_dir_all(&dir)?;
    fs::write(dir.join(name), content)?;
    Ok(())
}

fn batch(builder: BatchBuilder, records: i64) -> Result<Vec<u8>> {
    let mut builder = builder;
    for number in 0..records {
        builder.push(&NewRecord {
            timestamp: NOW + number,
            key: Some(b"key"),
            value: Some(b"a value that is worth a value"),
            headers: &[RecordHeader {
                key: b"name",
                value: Some(b"content"),
            }],
        })?;
    }
    Ok(builder.build()?)
}

const CODECS: [(&str, Compression); 5] = [
    ("plain", Compression::None),
    ("gzip", Compression::Gzip),
    ("snappy", Compression::Snappy),
    ("lz4", Compression::Lz4),
    ("zstd", Compression::Zstd),
];

fn record_batches() -> Result<()> {
    for (name, codec) in CODECS {
        let content = batch(BatchBuilder::new(0).compression(codec), 3)?;
        put("record_batches", name, &content)?;
    }
    let producer = BatchBuilder::new(5).producer(9, 1, 0);
    let mut two = batch(producer.clone(), 2)?;
    two.extend(batch(producer.transactional(), 1)?);
    put("record_batches", "two-of-a-producer", &two)
}

/// One request as a frame, and the same message for the target that takes messages apart.
fn request<R: Request>(request: &R) -> Result<()> {
    let name = R::KEY.name();
    let versions = served(R::KEY).map_or(R::VERSIONS, |line| line.versions);
    for version in [versions.min, versions.max] {
        let Ok(frame) = encode_request(request, version, 1, Some("seed".into())) else {
            continue;
        };
        let mut bytes = Vec::with_capacity(frame.len);
        for piece in frame.pieces {
            if let Piece::Bytes(piece) = piece {
                bytes.extend_from_slice(&piece);
            }
        }
        let file = format!("{name}-{version}");
        put("request_frame", &file, &bytes[LENGTH_BYTES..])?;
        let row = ROSTER.iter().position(|row| row.name == R::NAME);
        let row = u16::try_from(row.unwrap_or_default())?;
        let [above_min] = u8::try_from(version - R::VERSIONS.min)?.to_be_bytes();
        let mut message = row.to_be_bytes().to_vec();
        message.push(above_min);
        message.extend(request.to_bytes(version)?);
        put("wire_message", &file, &message)?;
    }
    Ok(())
}

fn requests() -> Result<()> {
    request(&ApiVersionsRequest {
        client_software_name: "seed".into(),
        client_software_version: "1.0".into(),
    })?;
    request(&produce()?)?;
    request(&FetchRequest {
        max_wait_ms: 500,
        max_bytes: 1 << 20,
        topics: vec![FetchTopic {
            topic_id: TOPIC_ID,
            partitions: vec![FetchPartition::default(), FetchPartition::default()],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    })?;
    request(&MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some("topic".into()),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    })?;
    request(&create_topics())?;
    request(&JoinGroupRequest {
        group_id: "group".into(),
        session_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"\0\x01\0\0\0\x01\0\x05topic\xff\xff\xff\xff"),
        }],
        ..JoinGroupRequest::default()
    })?;
    request(&OffsetCommitRequest {
        group_id: "group".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "topic".into(),
            topic_id: TOPIC_ID,
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: 42,
                committed_metadata: Some("note".into()),
                ..OffsetCommitRequestPartition::default()
            }],
        }],
        ..OffsetCommitRequest::default()
    })
}

fn produce() -> Result<ProduceRequest> {
    Ok(ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![TopicProduceData {
            name: "topic".into(),
            partition_data: vec![PartitionProduceData {
                index: 0,
                records: Records::Bytes(batch(BatchBuilder::new(0), 1)?.into()),
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    })
}

fn create_topics() -> CreateTopicsRequest {
    CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: "topic".into(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: vec![CreatableReplicaAssignment {
                partition_index: 0,
                broker_ids: vec![1, 2],
            }],
            configs: vec![CreatableTopicConfig {
                name: "retention.ms".into(),
                value: Some("1000".into()),
            }],
        }],
        ..CreateTopicsRequest::default()
    }
}

fn group_records() -> Result<()> {
    let key = OffsetKey {
        group_id: "group".into(),
        topic: "topic".into(),
        partition: 3,
    };
    let offset = GroupRecord::Offset {
        key: key.clone(),
        value: Some(OffsetCommitValue {
            offset: 42,
            metadata: "note".into(),
            commit_timestamp: NOW,
            ..OffsetCommitValue::default()
        }),
    };
    let group = GroupRecord::ClassicGroup {
        group_id: "group".into(),
        value: Some(GroupMetadataValue {
            protocol_type: "consumer".into(),
            generation: 2,
            protocol: Some("range".into()),
            leader: Some("member".into()),
            members: vec![MemberMetadata {
                member_id: "member".into(),
                subscription: Bytes::from_static(b"\0\x01"),
                ..MemberMetadata::default()
            }],
            ..GroupMetadataValue::default()
        }),
    };
    let forgotten = GroupRecord::Offset { key, value: None };
    for (name, record) in [
        ("offset", offset),
        ("group", group),
        ("tombstone", forgotten),
    ] {
        let written = record.encode()?;
        let mut bytes = vec![
            u8::try_from(written.key.len())?,
            u8::from(written.value.is_some()),
        ];
        bytes.extend_from_slice(&written.key);
        bytes.extend_from_slice(&written.value.unwrap_or_default());
        put("group_record", name, &bytes)?;
    }
    Ok(())
}

/// Bytes as the quorum's own tests pin them.
fn quorum_messages() -> Result<()> {
    let position = [2, 172, 2];
    let vote = [2, 1, 1];
    let put = |name: &str, parts: &[&[u8]]| put("quorum_message", name, &parts.concat());
    put("head", &[&[0, 1, 1, 1], &vote, &[0, 0, 1], &position])?;
    put("batch", &[&[1], &position, &[1, 2], b"ab"])?;
    put("members", &[&[1], &position, &[2, 1, 2, 1, 2, 3, 1, 2, 3]])?;
    put(
        "append",
        &[&[1, 0], &vote, &[1], &position, &[1], &position, &[0, 0]],
    )?;
    put("ballot", &[&[1, 1], &vote, &[1, 1], &position])?;
    put("snapshot-part", &[&[1, 4], &vote, &[0, 3], b"abc", &[1]])
}

fn data_dirs() -> Result<()> {
    let files: [&[u8]; 7] = [
        b"#\nversion=1\ncluster.id=cluster\nnode.id=1\ndirectory.id=BwcHBwcHBwcHBwcHBwcHBw\n",
        b"0\n1\ntopic 0 1\n",
        b"0\n1\ntopic 0 0\n",
        b"0\n1\ntopic 0 1\n",
        b"0\n1\ntopic 0 0\n",
        b"{\"version\":0,\"brokerEpoch\":5}",
        b"version: 0\ntopic_id: BwcHBwcHBwcHBwcHBwcHBw",
    ];
    let chosen = |flags: u8| {
        let mut bytes = vec![flags];
        for (bit, file) in files.iter().enumerate() {
            if flags & (1 << bit) != 0 {
                bytes.push(u8::try_from(file.len()).unwrap_or(u8::MAX));
                bytes.extend_from_slice(file);
            }
        }
        bytes
    };
    put("data_dir", "all", &chosen(0b0111_1111))?;
    put("data_dir", "checkpoints", &chosen(0b0001_1110))
}

fn metadata_records() -> Result<()> {
    let broker = RegisterBrokerRecord {
        broker_id: 1,
        end_points: vec![BrokerEndpoint {
            name: "PLAINTEXT".into(),
            host: "localhost".into(),
            port: 9092,
            security_protocol: 0,
        }],
        rack: Some("a".into()),
        log_dirs: vec![TOPIC_ID],
        ..RegisterBrokerRecord::default()
    };
    let topic = TopicRecord {
        name: "topic".into(),
        topic_id: TOPIC_ID,
    };
    let partition = PartitionRecord {
        topic_id: TOPIC_ID,
        replicas: vec![1, 2, 3],
        isr: vec![1, 2],
        leader: 1,
        directories: vec![TOPIC_ID; 3],
        ..PartitionRecord::default()
    };
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: "topic".into(),
        name: "retention.ms".into(),
        value: Some("1000".into()),
    };
    let records: [(&str, MetadataRecord); 4] = [
        ("broker", broker.into()),
        ("topic", topic.into()),
        ("partition", partition.into()),
        ("config", config.into()),
    ];
    for (name, record) in records {
        put("metadata_record", name, &record.encode()?)?;
    }
    Ok(())
}

fn properties() -> Result<()> {
    let broker = "node.id=1\nprocess.roles=broker,controller\n\
                  listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
                  controller.listener.names=CONTROLLER\nlog.dirs=/data/a,/data/b\n";
    put("server_properties", "broker", broker.as_bytes())?;
    let forms =
        "# comment\n! another\n  spaced : value \\\n   goes on\nescaped\\ key=\\u00e9\\n\nempty\n";
    put("server_properties", "forms", forms.as_bytes())
}

/// The files of a log with three batches, as `log_recovery` wants them.
fn log_files() -> Result<()> {
    let dir = Path::new("data/topic-0");
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let config = LogConfig {
        index_interval_bytes: 1,
        ..LogConfig::default()
    };
    let options = OpenLog::new(Arc::new(config), NOW);
    let (mut log, _) = Log::open(LogDir::new(Arc::clone(&disk), dir), &options)?;
    for number in 0..3 {
        let bytes = batch(BatchBuilder::new(0).producer(9, 0, number), 1)?;
        let appended = AppendBatch {
            header: BatchHeader::read(&bytes)?,
            bytes: bytes.into(),
            origin: Origin::Client,
        };
        log.append(&[appended], number, NOW, &mut Vec::new())?;
    }
    log.close()?;
    let read = |name: &str| read_file(&*disk, &dir.join(name), 1 << 20);
    let segment = read("00000000000000000000.log")?;
    put("log_recovery", "segment", &[&[0], &segment[..]].concat())?;
    let small = [
        read("00000000000000000000.index")?,
        read("00000000000000000000.timeindex")?,
        Vec::new(),
        Vec::new(),
        read("leader-epoch-checkpoint")?,
    ];
    for (name, flags) in [("crashed", 0b1_1111), ("clean", 0b1001_1111)] {
        let mut bytes = vec![flags];
        for content in &small {
            bytes.push(u8::try_from(content.len())?);
            bytes.extend(content);
        }
        bytes.extend(&segment);
        put("log_recovery", name, &bytes)?;
    }
    Ok(())
}
