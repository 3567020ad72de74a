//! The same messages through another implementation of the protocol. It serves as an oracle
//! only: it trusts the lengths it reads.

#[path = "common/sample.rs"]
mod sample;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages;
use kafka_protocol::protocol::{Decodable, Encodable, Message, VersionRange};
use millrace_wire::roster::ROSTER;

use sample::schemas;

/// Fewer than in the test against the schemas: that one looks for the rare cases.
const SAMPLES: u64 = 4;

struct Oracle {
    name: &'static str,
    versions: VersionRange,
    recode: fn(Bytes, i16) -> Result<Bytes, String>,
}

fn recode<M: Decodable + Encodable>(mut bytes: Bytes, version: i16) -> Result<Bytes, String> {
    let message = M::decode(&mut bytes, version).map_err(|error| error.to_string())?;
    if !bytes.is_empty() {
        return Err(format!("{} bytes are left", bytes.len()));
    }
    let mut out = BytesMut::new();
    message
        .encode(&mut out, version)
        .map_err(|error| error.to_string())?;
    Ok(out.freeze())
}

macro_rules! oracles {
    ($($name:ident,)*) => {
        &[$(Oracle {
            name: stringify!($name),
            versions: <messages::$name as Message>::VERSIONS,
            recode: recode::<messages::$name>,
        },)*]
    };
}

/// What both know. The streams groups are younger than the oracle, the coordinators' records are
/// not its concern, and two of the control records it knows in no version.
#[rustfmt::skip]
const ORACLES: &[Oracle] = oracles![
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse, AddRaftVoterRequest, AddRaftVoterResponse,
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, AlterClientQuotasRequest,
    AlterClientQuotasResponse, AlterConfigsRequest, AlterConfigsResponse,
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    AlterPartitionRequest, AlterPartitionResponse, AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse, AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsResponse, AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse, ApiVersionsRequest, ApiVersionsResponse,
    AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, BeginQuorumEpochRequest,
    BeginQuorumEpochResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
    BrokerRegistrationRequest, BrokerRegistrationResponse, ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse, ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse, ConsumerProtocolAssignment,
    ConsumerProtocolSubscription, ControllerRegistrationRequest,
    ControllerRegistrationResponse, CreateAclsRequest, CreateAclsResponse,
    CreateDelegationTokenRequest, CreateDelegationTokenResponse, CreatePartitionsRequest,
    CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DefaultPrincipalData, DeleteAclsRequest, DeleteAclsResponse, DeleteGroupsRequest,
    DeleteGroupsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
    DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, DescribeAclsRequest, DescribeAclsResponse,
    DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClusterRequest,
    DescribeClusterResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, DescribeGroupsRequest,
    DescribeGroupsResponse, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeProducersRequest, DescribeProducersResponse, DescribeQuorumRequest,
    DescribeQuorumResponse, DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsResponse, DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse, DescribeTransactionsRequest,
    DescribeTransactionsResponse, DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse, ElectLeadersRequest, ElectLeadersResponse,
    EndQuorumEpochRequest, EndQuorumEpochResponse, EndTxnRequest, EndTxnResponse,
    EnvelopeRequest, EnvelopeResponse, ExpireDelegationTokenRequest,
    ExpireDelegationTokenResponse, FetchRequest, FetchResponse, FetchSnapshotRequest,
    FetchSnapshotResponse, FindCoordinatorRequest, FindCoordinatorResponse,
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, HeartbeatRequest,
    HeartbeatResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    InitProducerIdRequest, InitProducerIdResponse, InitializeShareGroupStateRequest,
    InitializeShareGroupStateResponse, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, LeaveGroupResponse, ListConfigResourcesRequest,
    ListConfigResourcesResponse, ListGroupsRequest, ListGroupsResponse, ListOffsetsRequest,
    ListOffsetsResponse, ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse, ListTransactionsRequest, ListTransactionsResponse,
    MetadataRequest, MetadataResponse, OffsetCommitRequest, OffsetCommitResponse,
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest, OffsetFetchResponse,
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, ProduceRequest,
    ProduceResponse, PushTelemetryRequest, PushTelemetryResponse,
    ReadShareGroupStateRequest, ReadShareGroupStateResponse,
    ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse,
    RemoveRaftVoterRequest, RemoveRaftVoterResponse, RenewDelegationTokenRequest,
    RenewDelegationTokenResponse, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse, ShareAcknowledgeRequest,
    ShareAcknowledgeResponse, ShareFetchRequest, ShareFetchResponse,
    ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse, SyncGroupRequest, SyncGroupResponse,
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, UnregisterBrokerRequest,
    UnregisterBrokerResponse, UpdateFeaturesRequest, UpdateFeaturesResponse,
    UpdateRaftVoterRequest, UpdateRaftVoterResponse, VoteRequest, VoteResponse,
    WriteShareGroupStateRequest, WriteShareGroupStateResponse, WriteTxnMarkersRequest,
    WriteTxnMarkersResponse, EndTxnMarker, SnapshotHeaderRecord, SnapshotFooterRecord,
    KRaftVersionRecord,
];

#[test]
fn the_oracle_reads_what_is_written_and_writes_the_same() {
    let schemas = schemas();
    for oracle in ORACLES {
        let row = ROSTER
            .iter()
            .find(|row| row.name == oracle.name)
            .expect("a row");
        let schema = schemas
            .iter()
            .find(|schema| schema.name == oracle.name)
            .expect("a schema");
        let both = row
            .versions
            .iter()
            .filter(|&version| (oracle.versions.min..=oracle.versions.max).contains(&version));
        for version in both {
            let samples = (0..SAMPLES).map(|seed| schema.sample(version, seed));
            for bytes in samples.chain([schema.defaults(version)]) {
                let ours = (row.recode)(bytes.into(), version).expect("a sample is read");
                let theirs = (oracle.recode)(ours.clone(), version);
                assert_eq!(theirs, Ok(ours), "{} {version}", row.name);
            }
        }
    }
}
