//! The answers as another implementation of the protocol reads them.

use bytes::Bytes;
use kafka_protocol::messages;
use kafka_protocol::protocol::{Decodable, Message};
use millrace_wire::ApiKey;

/// Reads a whole answer in a version that the oracle knows.
fn read<M: Decodable + Message>(mut frame: Bytes, version: i16, header: i16) {
    if !(M::VERSIONS.min..=M::VERSIONS.max).contains(&version) {
        return;
    }
    messages::ResponseHeader::decode(&mut frame, header).expect("a header");
    M::decode(&mut frame, version).unwrap_or_else(|error| panic!("v{version}: {error}"));
    assert!(frame.is_empty(), "{} bytes are left", frame.len());
}

macro_rules! judge {
    ($key:expr, $frame:expr, $version:expr, [$($api:ident: $message:ident,)*]) => {
        match $key {
            $(ApiKey::$api => {
                let header = $key.response_header_version($version);
                read::<messages::$message>($frame, $version, header);
            })*
            key => panic!("nobody judges {}", key.name()),
        }
    };
}

#[rustfmt::skip]
pub(crate) fn judge(key: ApiKey, frame: Bytes, version: i16) {
    judge!(key, frame, version, [
        Produce: ProduceResponse, Fetch: FetchResponse, ListOffsets: ListOffsetsResponse,
        Metadata: MetadataResponse, OffsetCommit: OffsetCommitResponse,
        OffsetFetch: OffsetFetchResponse, FindCoordinator: FindCoordinatorResponse,
        JoinGroup: JoinGroupResponse, Heartbeat: HeartbeatResponse,
        LeaveGroup: LeaveGroupResponse, SyncGroup: SyncGroupResponse,
        DescribeGroups: DescribeGroupsResponse, ListGroups: ListGroupsResponse,
        ApiVersions: ApiVersionsResponse, CreateTopics: CreateTopicsResponse,
        DeleteTopics: DeleteTopicsResponse, DeleteRecords: DeleteRecordsResponse,
        InitProducerId: InitProducerIdResponse,
        OffsetForLeaderEpoch: OffsetForLeaderEpochResponse,
        DescribeConfigs: DescribeConfigsResponse, AlterConfigs: AlterConfigsResponse,
        DescribeLogDirs: DescribeLogDirsResponse, CreatePartitions: CreatePartitionsResponse,
        DeleteGroups: DeleteGroupsResponse,
        IncrementalAlterConfigs: IncrementalAlterConfigsResponse,
        OffsetDelete: OffsetDeleteResponse, DescribeQuorum: DescribeQuorumResponse,
        DescribeCluster: DescribeClusterResponse, DescribeProducers: DescribeProducersResponse,
        ListConfigResources: ListConfigResourcesResponse,
        DescribeTopicPartitions: DescribeTopicPartitionsResponse,
    ]);
}
