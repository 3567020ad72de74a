//! The log's bytes, and records that do not fit.

use bytes::Bytes;
use millrace_metadata::image::ReplayError;
use millrace_metadata::record::RecordError;
use millrace_metadata::{MetadataDelta, MetadataImage, MetadataRecord};
use millrace_wire::records::metadata::config_record::ConfigRecord;
use millrace_wire::records::metadata::partition_change_record::PartitionChangeRecord;
use millrace_wire::records::metadata::partition_record::PartitionRecord;
use millrace_wire::records::metadata::remove_topic_record::RemoveTopicRecord;
use millrace_wire::records::metadata::topic_record::TopicRecord;
use millrace_wire::records::metadata::unregister_broker_record::UnregisterBrokerRecord;

use crate::fleet::{Fleet, broker_record, id};

fn topic(name: &str, number: u64) -> MetadataRecord {
    TopicRecord {
        name: name.into(),
        topic_id: id(number),
    }
    .into()
}

#[test]
fn a_record_has_kafkas_framing() {
    let bytes = topic("ab", 1).encode().unwrap();
    // Frame version 1, type 2, version 0; a compact string, an id, no tagged fields.
    let mut expected = vec![1, 2, 0, 3, b'a', b'b'];
    expected.extend(id(1).0);
    expected.push(0);
    assert_eq!(bytes, expected);
}

#[test]
fn bytes_that_are_no_record_are_refused() {
    let good = topic("ab", 1).encode().unwrap();
    let cut = good.slice(..good.len() - 1);
    let longer = [&good[..], &[0]].concat();
    type Expected = fn(&RecordError) -> bool;
    let cases: [(Bytes, Expected); 8] = [
        (Bytes::new(), |error| {
            matches!(error, RecordError::Truncated)
        }),
        (Bytes::from_static(&[1]), |error| {
            matches!(error, RecordError::Truncated)
        }),
        (Bytes::from_static(&[0x80; 9]), |error| {
            matches!(error, RecordError::Truncated)
        }),
        (Bytes::from_static(&[2, 2, 0]), |error| {
            matches!(error, RecordError::UnknownFrame { version: 2 })
        }),
        (Bytes::from_static(&[1, 0xff, 0x7f, 0]), |error| {
            matches!(error, RecordError::UnknownType { key: 16_383 })
        }),
        (Bytes::from_static(&[1, 2, 9]), |error| {
            matches!(error, RecordError::UnknownVersion { key: 2, version: 9 })
        }),
        (cut, |error| {
            matches!(error, RecordError::Body { key: 2, .. })
        }),
        (longer.into(), |error| {
            matches!(error, RecordError::Body { key: 2, .. })
        }),
    ];
    for (bytes, expected) in cases {
        let error = MetadataRecord::decode(bytes.clone()).unwrap_err();
        assert!(expected(&error), "{bytes:?}: {error:?}");
    }
}

#[test]
fn records_that_do_not_fit_the_image_are_refused_and_leave_it_alone() {
    let mut fleet = Fleet::of_one();
    fleet.create("t", 1, 1);
    let t = fleet.image.topics.get("t").unwrap().id;
    let unknown = id(999);
    let before = fleet.image.clone();
    for (record, expected) in [
        (
            topic("t", 50),
            ReplayError::TopicExists { name: "t".into() },
        ),
        (
            TopicRecord {
                name: "u".into(),
                topic_id: t,
            }
            .into(),
            ReplayError::TopicIdExists { id: t },
        ),
        (
            RemoveTopicRecord { topic_id: unknown }.into(),
            ReplayError::UnknownTopic { id: unknown },
        ),
        (
            PartitionRecord {
                topic_id: t,
                partition_id: 2,
                ..PartitionRecord::default()
            }
            .into(),
            ReplayError::PartitionGap {
                id: t,
                partition: 2,
            },
        ),
        (
            PartitionChangeRecord {
                topic_id: t,
                partition_id: 1,
                ..PartitionChangeRecord::default()
            }
            .into(),
            ReplayError::UnknownPartition {
                id: t,
                partition: 1,
            },
        ),
        (
            UnregisterBrokerRecord {
                broker_id: 0,
                broker_epoch: 9,
            }
            .into(),
            ReplayError::UnknownBroker {
                id: millrace_types::NodeId(0),
                epoch: 9,
            },
        ),
        (
            ConfigRecord {
                resource_type: 3,
                ..ConfigRecord::default()
            }
            .into(),
            ReplayError::UnknownResource { kind: 3 },
        ),
    ] {
        let batch: Vec<MetadataRecord> = vec![broker_record(0, None), record];
        assert_eq!(fleet.image.apply(&batch).unwrap_err(), expected);
        assert_eq!(fleet.image, before);
    }
}

#[test]
fn what_a_batch_makes_and_unmakes_is_not_in_its_delta() {
    let image = MetadataImage::empty("cluster");
    let removal = RemoveTopicRecord { topic_id: id(1) };
    let (next, delta) = image.apply(&[topic("t", 1), removal.into()]).unwrap();
    assert_eq!(next, image);
    assert!(delta.is_empty(), "{delta:?}");
}

#[test]
fn a_delta_names_the_partitions_that_changed_and_no_others() {
    let mut fleet = Fleet::new(&[None, None]);
    fleet.create("t", 4, 1);
    let before = fleet.image.clone();
    let moved = fleet
        .image
        .topics
        .partition("t", 2)
        .unwrap()
        .leader
        .unwrap();
    let records = millrace_metadata::control::brokers::fence_broker(fleet.context(), moved);
    let delta = fleet.apply(&records);
    let changed: Vec<_> = delta.partitions().collect();
    assert_eq!(changed.len(), 2);
    for change in changed {
        assert_eq!(change.before.unwrap().leader, Some(moved));
        assert_eq!(change.after.unwrap().leader, None);
        assert!(change.concerns(moved));
    }
    assert_eq!(delta.brokers.len(), 1);
    let back = MetadataDelta::between(&fleet.image, &before);
    assert_eq!(back.partitions().count(), 2);
}
