//! Every version of every API that is advertised: asked, answered, and read by the oracle.

use bytes::Bytes;
use millrace_types::Uuid;
use millrace_wire::messages::*;
use millrace_wire::{ApiKey, Request, SERVED, Served};

use crate::book::Book;
use crate::requests::{batch, create, fetch, list_offsets, name, produce, topic};
use crate::{book, oracle};

const TOPIC: &str = "events";

/// One API's answers in all versions.
struct Sweep<'a> {
    book: &'a mut Book,
    line: &'static Served,
}

impl Sweep<'_> {
    async fn ask<R: Request>(self, request: impl Fn(i16) -> R) {
        assert_eq!(R::KEY, self.line.key);
        for version in self.line.versions.iter() {
            let asked = request(version);
            let frame = self.book.ask_for_bytes(version, &asked).await;
            book::decoded::<R>(frame.clone(), version);
            oracle::judge(R::KEY, frame, version);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_has_its_answer() {
    for line in SERVED {
        let mut book = Book::open().await;
        prepare(&mut book).await;
        let id = book.world.topic_id(TOPIC);
        let sweep = Sweep {
            book: &mut book,
            line,
        };
        match line.key {
            key if is_of_groups(key) => of_groups(sweep, id).await,
            key if is_of_records(key) => of_records(sweep, id).await,
            _ => of_the_fleet(sweep).await,
        }
        book.close(line.key.name());
    }
}

/// A topic with two records and the coordinator's own, so that there is something to tell.
async fn prepare(book: &mut Book) {
    let frames = [
        book::encoded(&create(vec![topic(TOPIC, &[])]), 5, book::CLIENT),
        book::encoded(&produce(TOPIC, Uuid::ZERO, 3, batch(2)), 3, book::CLIENT),
        book::encoded(&find_coordinator(0), 0, book::CLIENT),
    ];
    for frame in frames {
        book.world.send(frame).await;
    }
}

fn is_of_groups(key: ApiKey) -> bool {
    use ApiKey::*;
    let apis = [
        OffsetCommit,
        OffsetFetch,
        OffsetDelete,
        FindCoordinator,
        JoinGroup,
        Heartbeat,
        LeaveGroup,
        SyncGroup,
        DescribeGroups,
        ListGroups,
        DeleteGroups,
    ];
    apis.contains(&key)
}

fn is_of_records(key: ApiKey) -> bool {
    use ApiKey::*;
    let apis = [
        Produce,
        Fetch,
        ListOffsets,
        DeleteRecords,
        InitProducerId,
        OffsetForLeaderEpoch,
        DescribeProducers,
        DescribeLogDirs,
    ];
    apis.contains(&key)
}

async fn of_records(sweep: Sweep<'_>, id: Uuid) {
    match sweep.line.key {
        ApiKey::Produce => {
            sweep
                .ask(|version| produce(TOPIC, id, version, batch(1)))
                .await;
        }
        ApiKey::Fetch => {
            let plain = |version| {
                let mut request = fetch(TOPIC, id, version, 0);
                if version < 7 {
                    request.session_epoch = fetch_request::FetchRequest::default().session_epoch;
                }
                request
            };
            sweep.ask(plain).await;
        }
        ApiKey::ListOffsets => sweep.ask(|_| list_offsets(TOPIC, -1)).await,
        ApiKey::DeleteRecords => sweep.ask(|_| delete_records()).await,
        ApiKey::InitProducerId => {
            let request = |_| init_producer_id_request::InitProducerIdRequest {
                transactional_id: None,
                transaction_timeout_ms: 1000,
                ..Default::default()
            };
            sweep.ask(request).await;
        }
        ApiKey::OffsetForLeaderEpoch => sweep.ask(|_| offset_for_leader_epoch()).await,
        ApiKey::DescribeProducers => sweep.ask(|_| describe_producers()).await,
        ApiKey::DescribeLogDirs => {
            let all = |_| describe_log_dirs_request::DescribeLogDirsRequest { topics: None };
            sweep.ask(all).await;
        }
        key => panic!("{}", key.name()),
    }
}

fn delete_records() -> delete_records_request::DeleteRecordsRequest {
    use delete_records_request::*;
    DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: TOPIC.into(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: 0,
                offset: 1,
            }],
        }],
        timeout_ms: 1000,
    }
}

fn offset_for_leader_epoch() -> offset_for_leader_epoch_request::OffsetForLeaderEpochRequest {
    use offset_for_leader_epoch_request::*;
    OffsetForLeaderEpochRequest {
        topics: vec![OffsetForLeaderTopic {
            topic: TOPIC.into(),
            partitions: vec![OffsetForLeaderPartition::default()],
        }],
        ..OffsetForLeaderEpochRequest::default()
    }
}

fn describe_producers() -> describe_producers_request::DescribeProducersRequest {
    use describe_producers_request::*;
    DescribeProducersRequest {
        topics: vec![TopicRequest {
            name: TOPIC.into(),
            partition_indexes: vec![0],
        }],
    }
}

fn find_coordinator(version: i16) -> find_coordinator_request::FindCoordinatorRequest {
    let several = version >= 4;
    find_coordinator_request::FindCoordinatorRequest {
        key: if several { "".into() } else { "group".into() },
        coordinator_keys: if several {
            vec!["group".into()]
        } else {
            Vec::new()
        },
        ..Default::default()
    }
}

async fn of_groups(sweep: Sweep<'_>, id: Uuid) {
    match sweep.line.key {
        ApiKey::FindCoordinator => sweep.ask(find_coordinator).await,
        ApiKey::OffsetCommit => sweep.ask(|version| offset_commit(version, id)).await,
        ApiKey::OffsetFetch => sweep.ask(|version| offset_fetch(version, id)).await,
        ApiKey::OffsetDelete => sweep.ask(|_| offset_delete()).await,
        ApiKey::JoinGroup => sweep.ask(join_group).await,
        ApiKey::Heartbeat => {
            let request = |_| heartbeat_request::HeartbeatRequest {
                group_id: "group".into(),
                member_id: "nobody".into(),
                ..Default::default()
            };
            sweep.ask(request).await;
        }
        ApiKey::LeaveGroup => sweep.ask(leave_group).await,
        ApiKey::SyncGroup => {
            let request = |_| sync_group_request::SyncGroupRequest {
                group_id: "group".into(),
                member_id: "nobody".into(),
                ..Default::default()
            };
            sweep.ask(request).await;
        }
        ApiKey::DescribeGroups => {
            let request = |_| describe_groups_request::DescribeGroupsRequest {
                groups: vec!["group".into()],
                ..Default::default()
            };
            sweep.ask(request).await;
        }
        ApiKey::ListGroups => {
            sweep
                .ask(|_| list_groups_request::ListGroupsRequest::default())
                .await;
        }
        ApiKey::DeleteGroups => {
            let request = |_| delete_groups_request::DeleteGroupsRequest {
                groups_names: vec!["group".into()],
            };
            sweep.ask(request).await;
        }
        key => panic!("{}", key.name()),
    }
}

fn offset_commit(version: i16, id: Uuid) -> offset_commit_request::OffsetCommitRequest {
    use offset_commit_request::*;
    let by_id = version >= 10;
    OffsetCommitRequest {
        group_id: "group".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: if by_id { "".into() } else { TOPIC.into() },
            topic_id: if by_id { id } else { Uuid::ZERO },
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: version.into(),
                committed_metadata: name("note"),
                ..OffsetCommitRequestPartition::default()
            }],
        }],
        ..OffsetCommitRequest::default()
    }
}

fn offset_fetch(version: i16, id: Uuid) -> offset_fetch_request::OffsetFetchRequest {
    use offset_fetch_request::*;
    if version < 8 {
        return OffsetFetchRequest {
            group_id: "group".into(),
            topics: Some(vec![OffsetFetchRequestTopic {
                name: TOPIC.into(),
                partition_indexes: vec![0],
            }]),
            ..OffsetFetchRequest::default()
        };
    }
    let by_id = version >= 10;
    OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: "group".into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: if by_id { "".into() } else { TOPIC.into() },
                topic_id: if by_id { id } else { Uuid::ZERO },
                partition_indexes: vec![0],
            }]),
            ..OffsetFetchRequestGroup::default()
        }],
        ..OffsetFetchRequest::default()
    }
}

fn offset_delete() -> offset_delete_request::OffsetDeleteRequest {
    use offset_delete_request::*;
    OffsetDeleteRequest {
        group_id: "group".into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: TOPIC.into(),
            partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    }
}

/// A group for each version: alone in it, everybody leads.
fn join_group(version: i16) -> join_group_request::JoinGroupRequest {
    use join_group_request::*;
    JoinGroupRequest {
        group_id: format!("group-{version}").into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: if version >= 1 { 10_000 } else { -1 },
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"subscription"),
        }],
        ..JoinGroupRequest::default()
    }
}

fn leave_group(version: i16) -> leave_group_request::LeaveGroupRequest {
    use leave_group_request::*;
    let nobody = MemberIdentity {
        member_id: "nobody".into(),
        ..MemberIdentity::default()
    };
    let several = version >= 3;
    LeaveGroupRequest {
        group_id: "group".into(),
        member_id: if several { "".into() } else { "nobody".into() },
        members: if several { vec![nobody] } else { Vec::new() },
    }
}

async fn of_the_fleet(sweep: Sweep<'_>) {
    match sweep.line.key {
        ApiKey::ApiVersions => sweep.ask(api_versions).await,
        ApiKey::Metadata => sweep.ask(|_| metadata()).await,
        ApiKey::CreateTopics => {
            let named = |version| create(vec![topic(&format!("new-{version}"), &[])]);
            sweep.ask(named).await;
        }
        ApiKey::DeleteTopics => sweep.ask(delete_topics).await,
        ApiKey::CreatePartitions => sweep.ask(create_partitions).await,
        ApiKey::DescribeConfigs => sweep.ask(|_| describe_configs()).await,
        ApiKey::AlterConfigs => sweep.ask(|_| alter_configs()).await,
        ApiKey::IncrementalAlterConfigs => sweep.ask(|_| incremental_alter_configs()).await,
        ApiKey::DescribeQuorum => sweep.ask(|_| describe_quorum()).await,
        ApiKey::DescribeCluster => {
            let request = |_| describe_cluster_request::DescribeClusterRequest::default();
            sweep.ask(request).await;
        }
        ApiKey::ListConfigResources => {
            let request = |_| list_config_resources_request::ListConfigResourcesRequest::default();
            sweep.ask(request).await;
        }
        ApiKey::DescribeTopicPartitions => sweep.ask(|_| describe_topic_partitions()).await,
        key => panic!("{} is advertised and not asked for", key.name()),
    }
}

fn api_versions(version: i16) -> api_versions_request::ApiVersionsRequest {
    let says = if version >= 3 { "golden" } else { "" };
    api_versions_request::ApiVersionsRequest {
        client_software_name: says.into(),
        client_software_version: says.into(),
    }
}

fn metadata() -> metadata_request::MetadataRequest {
    use metadata_request::*;
    MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: name(TOPIC),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    }
}

fn delete_topics(version: i16) -> delete_topics_request::DeleteTopicsRequest {
    use delete_topics_request::*;
    let missing: std::sync::Arc<str> = "missing".into();
    let state = DeleteTopicState {
        name: Some(missing.clone()),
        ..DeleteTopicState::default()
    };
    let with_states = version >= 6;
    DeleteTopicsRequest {
        topics: if with_states { vec![state] } else { Vec::new() },
        topic_names: if with_states {
            Vec::new()
        } else {
            vec![missing]
        },
        timeout_ms: 1000,
    }
}

fn create_partitions(version: i16) -> create_partitions_request::CreatePartitionsRequest {
    use create_partitions_request::*;
    CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: TOPIC.into(),
            count: 2 + i32::from(version),
            assignments: None,
        }],
        timeout_ms: 1000,
        validate_only: false,
    }
}

const OF_TOPICS: i8 = 2;

fn describe_configs() -> describe_configs_request::DescribeConfigsRequest {
    use describe_configs_request::*;
    DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: OF_TOPICS,
            resource_name: TOPIC.into(),
            configuration_keys: Some(vec!["retention.ms".into(), "cleanup.policy".into()]),
        }],
        include_synonyms: true,
        ..DescribeConfigsRequest::default()
    }
}

fn alter_configs() -> alter_configs_request::AlterConfigsRequest {
    use alter_configs_request::*;
    AlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: OF_TOPICS,
            resource_name: TOPIC.into(),
            configs: vec![AlterableConfig {
                name: "retention.ms".into(),
                value: name("1000"),
            }],
        }],
        validate_only: false,
    }
}

fn incremental_alter_configs() -> incremental_alter_configs_request::IncrementalAlterConfigsRequest
{
    use incremental_alter_configs_request::*;
    IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: OF_TOPICS,
            resource_name: TOPIC.into(),
            configs: vec![AlterableConfig {
                name: "retention.ms".into(),
                config_operation: 0,
                value: name("1000"),
            }],
        }],
        validate_only: false,
    }
}

fn describe_quorum() -> describe_quorum_request::DescribeQuorumRequest {
    use describe_quorum_request::*;
    DescribeQuorumRequest {
        topics: vec![TopicData {
            topic_name: "__cluster_metadata".into(),
            partitions: vec![PartitionData { partition_index: 0 }],
        }],
    }
}

fn describe_topic_partitions() -> describe_topic_partitions_request::DescribeTopicPartitionsRequest
{
    use describe_topic_partitions_request::*;
    DescribeTopicPartitionsRequest {
        topics: vec![TopicRequest { name: TOPIC.into() }],
        ..DescribeTopicPartitionsRequest::default()
    }
}
