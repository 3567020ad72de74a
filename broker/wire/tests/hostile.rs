//! Frames that were made to hurt: each is refused with the reason, before memory is taken for it.

use std::fmt::Debug;

use bytes::Bytes;
use millrace_wire::messages::api_versions_request::ApiVersionsRequest;
use millrace_wire::messages::fetch_request::FetchRequest;
use millrace_wire::messages::metadata_request::MetadataRequest;
use millrace_wire::messages::produce_request::ProduceRequest;
use millrace_wire::messages::sasl_handshake_request::SaslHandshakeRequest;
use millrace_wire::{DecodeProblem, Decoder, Message, RequestHeader};

fn problem<M: Message + Debug>(version: i16, body: &[u8]) -> DecodeProblem {
    let read = M::from_bytes(Bytes::copy_from_slice(body), version);
    read.expect_err("hostile bytes").problem
}

#[test]
fn lengths_that_no_frame_can_hold() {
    // Five bytes that ask for 54 million topics.
    let topics = problem::<MetadataRequest>(0, &[0x03, 0x3c, 0x0c, 0x00, 0xb6]);
    assert_eq!(
        topics,
        DecodeProblem::Count {
            count: 0x033c_0c00,
            left: 1
        }
    );

    let topics = problem::<ProduceRequest>(
        9,
        &[0, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
    );
    assert_eq!(
        topics,
        DecodeProblem::Count {
            count: 0xffff_fffe,
            left: 0
        }
    );

    let negative = problem::<MetadataRequest>(0, &[0xff, 0xff, 0xff, 0xfe]);
    assert_eq!(negative, DecodeProblem::Length(-2));

    let string = problem::<SaslHandshakeRequest>(0, &[0x7f, 0xff, b'x']);
    assert_eq!(
        string,
        DecodeProblem::Truncated {
            wanted: 0x7fff,
            left: 1
        }
    );

    // Kafka allows no string beyond 32 767 bytes, although the length could say more.
    let mut long = vec![0x81, 0x80, 0x02];
    long.resize(0x8000 + 3, b'x');
    long.extend([1, 0]);
    assert_eq!(
        problem::<ApiVersionsRequest>(3, &long),
        DecodeProblem::Length(0x8000)
    );
}

#[test]
fn null_where_the_schema_has_none() {
    assert_eq!(
        problem::<MetadataRequest>(0, &[0xff; 4]),
        DecodeProblem::Null
    );
    assert_eq!(
        problem::<SaslHandshakeRequest>(0, &[0xff; 2]),
        DecodeProblem::Null
    );
    assert_eq!(
        problem::<ApiVersionsRequest>(3, &[0, 1, 0]),
        DecodeProblem::Null
    );
}

#[test]
fn malformed_primitives() {
    assert_eq!(
        problem::<SaslHandshakeRequest>(0, &[0, 1, 0xff]),
        DecodeProblem::Utf8
    );
    let more_than_32_bits = [0xff, 0xff, 0xff, 0xff, 0x1f];
    assert_eq!(
        problem::<ApiVersionsRequest>(3, &more_than_32_bits),
        DecodeProblem::Varint
    );
    let six_groups = [0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
    assert_eq!(
        problem::<ApiVersionsRequest>(3, &six_groups),
        DecodeProblem::Varint
    );
}

#[test]
fn tagged_fields() {
    // Two empty strings, then one field with an unknown number: skipped.
    let unknown = Bytes::from_static(&[1, 1, 1, 0x63, 2, 0xaa, 0xbb]);
    assert!(ApiVersionsRequest::from_bytes(unknown, 3).is_ok());

    let beyond_the_end = problem::<ApiVersionsRequest>(3, &[1, 1, 1, 0x63, 9, 0xaa]);
    assert_eq!(
        beyond_the_end,
        DecodeProblem::Truncated { wanted: 9, left: 1 }
    );

    let countless = problem::<ApiVersionsRequest>(3, &[1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert_eq!(countless, DecodeProblem::Truncated { wanted: 1, left: 0 });

    // A cluster id, known as field 0, that is shorter than its field.
    let request = FetchRequest {
        cluster_id: Some("it".into()),
        ..FetchRequest::default()
    };
    let mut body = request.to_bytes(12).expect("encodes").to_vec();
    let size = body.len() - 4;
    assert_eq!(body[size..], [3, 3, b'i', b't']);
    body[size] = 4;
    body.push(0);
    let short = problem::<FetchRequest>(12, &body);
    assert_eq!(
        short,
        DecodeProblem::TaggedSize {
            announced: 4,
            used: 3
        }
    );
}

#[test]
fn garbage_and_unknown_versions() {
    assert_eq!(
        problem::<ApiVersionsRequest>(0, &[1, 2, 3]),
        DecodeProblem::Trailing(3)
    );
    assert_eq!(
        problem::<ApiVersionsRequest>(5, &[]),
        DecodeProblem::Version(5)
    );
    assert_eq!(
        problem::<ProduceRequest>(-1, &[]),
        DecodeProblem::Version(-1)
    );
    let mut header = Decoder::new(Bytes::from_static(&[
        0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
    ]));
    let error = RequestHeader::decode(&mut header).expect_err("no such api");
    assert_eq!(error.problem, DecodeProblem::ApiKey(0x7fff));
}

#[test]
fn structures_larger_than_their_bytes_are_bounded() {
    // A thousand topics without a name: two bytes each here, many more in memory.
    let mut body = 1000_u32.to_be_bytes().to_vec();
    body.resize(4 + 2 * 1000, 0);
    let body = Bytes::from(body);
    let read =
        |limit| MetadataRequest::decode(&mut Decoder::with_memory_limit(body.clone(), limit), 0);
    assert!(read(64 * 1000).is_ok());
    let error = read(16 * 1000).expect_err("too much memory");
    assert_eq!(error.problem, DecodeProblem::Memory { limit: 16 * 1000 });
}

#[test]
fn long_strings_count_as_memory() {
    let name = [b'x'; 1000];
    let body: Vec<u8> = [&1_u32.to_be_bytes()[..], &1000_u16.to_be_bytes(), &name].concat();
    let body = Bytes::from(body);
    let read =
        |limit| MetadataRequest::decode(&mut Decoder::with_memory_limit(body.clone(), limit), 0);
    assert!(read(1100).is_ok());
    let error = read(1000).expect_err("too much memory");
    assert_eq!(error.problem, DecodeProblem::Memory { limit: 1000 });
}

#[test]
fn an_error_says_where() {
    // One topic whose name ends early.
    let body = Bytes::from_static(&[0, 0, 0, 1, 0, 9, b'x']);
    let error = MetadataRequest::from_bytes(body, 0).expect_err("too short");
    let expected = "9 bytes wanted, 1 left, at byte 6 of MetadataRequestTopic";
    assert_eq!(error.to_string(), expected);
}
