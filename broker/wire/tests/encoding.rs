//! Frames as they leave: pieces, headers, and values that a version cannot carry.

use bytes::Bytes;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::api_versions_response::ApiVersionsResponse;
use millrace_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use millrace_wire::messages::fetch_request::FetchRequest;
use millrace_wire::messages::fetch_response::{
    FetchResponse, FetchableTopicResponse, NodeEndpoint, PartitionData,
};
use millrace_wire::messages::heartbeat_request::HeartbeatRequest;
use millrace_wire::messages::join_group_request::JoinGroupRequest;
use millrace_wire::messages::metadata_request::MetadataRequest;
use millrace_wire::{
    ApiKey, Decoder, EncodeError, Encoded, FrameSizeError, Message, Piece, Records, RequestHeader,
    SHARED_RECORDS_MIN, encode_request, encode_response, frame_length, read_response_header,
};

/// The frame as the peer sees it; what is sent from elsewhere shows as zeros.
fn joined(encoded: &Encoded) -> Vec<u8> {
    let bytes: Vec<u8> = encoded
        .pieces
        .iter()
        .flat_map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.to_vec(),
            Piece::Hole { len, .. } => vec![0; *len as usize],
        })
        .collect();
    assert_eq!(bytes.len(), encoded.len);
    bytes
}

fn fetched(records: impl IntoIterator<Item = Records>) -> FetchResponse {
    let partitions = (0..)
        .zip(records)
        .map(|(partition_index, records)| PartitionData {
            partition_index,
            records,
            ..PartitionData::default()
        })
        .collect();
    let topic = FetchableTopicResponse {
        partitions,
        ..FetchableTopicResponse::default()
    };
    FetchResponse {
        responses: vec![topic],
        // Tagged fields behind the pieces.
        node_endpoints: vec![NodeEndpoint {
            node_id: 3,
            ..NodeEndpoint::default()
        }],
        ..FetchResponse::default()
    }
}

#[test]
fn large_records_leave_without_a_copy() {
    let large = Bytes::from(vec![7; SHARED_RECORDS_MIN]);
    let small = Bytes::from(vec![8; SHARED_RECORDS_MIN - 1]);
    let hole = Records::External { slot: 5, len: 2000 };
    let records = [small.into(), large.clone().into(), hole, Records::Null];
    let frame = encode_response::<FetchRequest>(&fetched(records), 16, 9).expect("encodes");

    let [head, shared, middle, hole, tail] = frame.pieces.as_slice() else {
        panic!("{} pieces", frame.pieces.len());
    };
    assert!(
        head.len() > SHARED_RECORDS_MIN - 1,
        "the small ones were copied"
    );
    assert!(matches!(shared, Piece::Bytes(bytes) if bytes.as_ptr() == large.as_ptr()));
    assert_eq!(*hole, Piece::Hole { slot: 5, len: 2000 });
    assert!(!middle.is_empty() && !tail.is_empty());
}

#[test]
fn pieces_make_up_the_message_in_one_piece() {
    let large = Bytes::from(vec![7; 5000]);
    let with_hole = fetched([large.into(), Records::External { slot: 0, len: 3000 }]);
    let without = fetched([
        Bytes::from(vec![7; 5000]).into(),
        Bytes::from(vec![0; 3000]).into(),
    ]);
    for version in FetchResponse::VERSIONS
        .iter()
        .filter(|&version| version >= 16)
    {
        let frame =
            joined(&encode_response::<FetchRequest>(&with_hole, version, 9).expect("encodes"));
        let length = frame_length(*frame.first_chunk().expect("a length"), frame.len());
        assert_eq!(length, Ok(frame.len() - 4));

        let mut d = Decoder::new(Bytes::from(frame).slice(4..));
        assert_eq!(read_response_header(&mut d, ApiKey::Fetch, version), Ok(9));
        assert_eq!(
            FetchResponse::decode(&mut d, version).as_ref(),
            Ok(&without)
        );
        assert_eq!(d.finish(), Ok(()));
    }
}

#[test]
fn a_message_in_one_piece_has_no_hole() {
    let error = EncodeError::NotInMemory {
        message: "FetchResponse",
    };
    let records = [Records::External { slot: 0, len: 1 }];
    assert_eq!(fetched(records).to_bytes(16), Err(error));
}

#[test]
fn a_request_header_is_read_as_it_was_written() {
    let client = || Some("a client".into());
    for (version, header_bytes) in [(3, 18), (4, 19)] {
        let request = HeartbeatRequest::default();
        let frame = encode_request(&request, version, 77, client()).expect("encodes");
        let body = request.to_bytes(version).expect("encodes").len();
        assert_eq!(frame.len, 4 + header_bytes + body);

        let mut d = Decoder::new(Bytes::from(joined(&frame)).slice(4..));
        let header = RequestHeader::decode(&mut d).expect("a header");
        let expected = RequestHeader {
            api_key: ApiKey::Heartbeat.code(),
            api_version: version,
            correlation_id: 77,
            client_id: client(),
        };
        assert_eq!(header, expected);
        assert_eq!(HeartbeatRequest::decode(&mut d, version), Ok(request));
        assert_eq!(d.finish(), Ok(()));
    }
}

#[test]
fn the_version_of_an_api_versions_request_may_be_unknown() {
    let bytes = [0, 18, 0, 99, 0, 0, 0, 1, 0xff, 0xff, 0];
    let mut d = Decoder::new(Bytes::copy_from_slice(&bytes));
    let header = RequestHeader::decode(&mut d).expect("a header");
    assert_eq!((header.api_version, header.client_id), (99, None));
    assert_eq!(d.remaining(), 0);
}

#[test]
fn the_header_of_an_api_versions_response_has_no_tags() {
    let response = ApiVersionsResponse::default();
    for version in [0, 3, 4] {
        let frame = encode_response::<ApiVersionsRequest>(&response, version, 1).expect("encodes");
        let body = response.to_bytes(version).expect("encodes").len();
        assert_eq!(frame.len, 4 + 4 + body, "version {version}");
    }
}

#[test]
fn frame_lengths_are_bounded() {
    assert_eq!(frame_length([0, 0, 0, 9], 9), Ok(9));
    for (prefix, announced) in [
        ([0, 0, 0, 10], 10),
        ([0xff; 4], -1),
        ([0x80, 0, 0, 0], i32::MIN),
    ] {
        assert_eq!(
            frame_length(prefix, 9),
            Err(FrameSizeError {
                announced,
                allowed: 9
            })
        );
    }
}

#[test]
fn a_field_the_version_cannot_carry_is_an_error_unless_it_may_be_ignored() {
    let request = HeartbeatRequest {
        group_instance_id: Some("static".into()),
        ..HeartbeatRequest::default()
    };
    let error = EncodeError::CannotCarry {
        message: "HeartbeatRequest",
        version: 2,
        field: "group_instance_id",
    };
    assert_eq!(request.to_bytes(2), Err(error));
    assert!(request.to_bytes(3).is_ok());

    let ignorable = JoinGroupRequest {
        reason: Some("why".into()),
        ..JoinGroupRequest::default()
    };
    assert_eq!(
        ignorable.to_bytes(7),
        JoinGroupRequest::default().to_bytes(7)
    );
}

#[test]
fn null_needs_a_version_that_has_it() {
    let all_topics = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let error = EncodeError::CannotBeNull {
        message: "MetadataRequest",
        version: 0,
        field: "topics",
    };
    assert_eq!(all_topics.to_bytes(0), Err(error));
    assert!(all_topics.to_bytes(1).is_ok());
}

#[test]
fn a_string_has_a_longest_length_in_both_encodings() {
    let named = |length: usize| {
        let topic = CreatableTopic {
            name: "x".repeat(length).into(),
            ..CreatableTopic::default()
        };
        CreateTopicsRequest {
            topics: vec![topic],
            ..CreateTopicsRequest::default()
        }
    };
    for version in [2, 7] {
        assert!(named(0x7fff).to_bytes(version).is_ok());
        assert_eq!(
            named(0x8000).to_bytes(version),
            Err(EncodeError::StringTooLong(0x8000))
        );
    }
}

#[test]
fn a_version_without_a_schema_is_an_error() {
    let error = EncodeError::Version {
        message: "HeartbeatRequest",
        version: 5,
    };
    assert_eq!(HeartbeatRequest::default().to_bytes(5), Err(error));
}
