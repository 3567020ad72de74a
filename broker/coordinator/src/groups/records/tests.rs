//! The bytes of records, checked against what Kafka 4.2 writes.

use super::*;

fn offset(value: Option<OffsetCommitValue>) -> GroupRecord {
    GroupRecord::Offset {
        key: OffsetKey {
            group_id: Arc::from("g"),
            topic: Arc::from("t"),
            partition: 3,
        },
        value,
    }
}

fn committed() -> OffsetCommitValue {
    OffsetCommitValue {
        offset: 5,
        leader_epoch: 7,
        metadata: Arc::from("m"),
        commit_timestamp: 9,
        ..OffsetCommitValue::default()
    }
}

fn round_trip(record: &GroupRecord) -> KeyValue {
    let encoded = record.encode().expect("it has a form");
    let decoded = GroupRecord::decode(&encoded.key, encoded.value.as_ref());
    assert_eq!(decoded, Ok(Some(record.clone())));
    encoded
}

#[test]
fn an_offset_is_written_as_kafka_writes_it() {
    let encoded = round_trip(&offset(Some(committed())));
    assert_eq!(&encoded.key[..], b"\0\x01\0\x01g\0\x01t\0\0\0\x03");
    let value = b"\0\x04\0\0\0\0\0\0\0\x05\0\0\0\x07\x02m\0\0\0\0\0\0\0\x09\0";
    assert_eq!(encoded.value.as_deref(), Some(&value[..]));
}

#[test]
fn an_expiry_time_takes_the_version_that_can_carry_it() {
    let value = OffsetCommitValue {
        leader_epoch: -1,
        expire_timestamp: 11,
        ..committed()
    };
    let encoded = round_trip(&offset(Some(value)));
    let value = b"\0\x01\0\0\0\0\0\0\0\x05\0\x01m\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\x0b";
    assert_eq!(encoded.value.as_deref(), Some(&value[..]));
}

#[test]
fn a_group_is_written_as_kafka_writes_it() {
    let record = GroupRecord::ClassicGroup {
        group_id: Arc::from("g"),
        value: Some(GroupMetadataValue {
            protocol_type: Arc::from("consumer"),
            generation: 2,
            protocol: None,
            leader: None,
            current_state_timestamp: 9,
            ..GroupMetadataValue::default()
        }),
    };
    let encoded = round_trip(&record);
    assert_eq!(&encoded.key[..], b"\0\x02\0\x01g");
    let value = b"\0\x03\0\x08consumer\0\0\0\x02\xff\xff\xff\xff\0\0\0\0\0\0\0\x09\0\0\0\0";
    assert_eq!(encoded.value.as_deref(), Some(&value[..]));
}

#[test]
fn tombstones_have_no_value() {
    assert_eq!(round_trip(&offset(None)).value, None);
    let group = GroupRecord::ClassicGroup {
        group_id: Arc::from("g"),
        value: None,
    };
    assert_eq!(round_trip(&group).value, None);
}

#[test]
fn types_of_other_coordinators_and_versions_are_passed_over() {
    let key = Bytes::from_static(b"\0\x63whatever");
    assert_eq!(GroupRecord::decode(&key, None), Ok(None));
}

#[test]
fn broken_bytes_are_told_apart() {
    let short = Bytes::from_static(b"\0");
    let truncated = RecordError::Truncated { part: "key" };
    assert_eq!(GroupRecord::decode(&short, None), Err(truncated));
    let key = offset(None).encode().expect("it has a form").key;
    let broken = [
        (key.slice(..key.len() - 1), None),
        (key.clone(), Some(Bytes::from_static(b"\0\x04\0"))),
        (key.clone(), Some(Bytes::from_static(b"\0\x63"))),
        (key, Some(Bytes::from_static(b"\0"))),
    ];
    for (key, value) in broken {
        assert!(
            GroupRecord::decode(&key, value.as_ref()).is_err(),
            "{key:?} {value:?}"
        );
    }
}
