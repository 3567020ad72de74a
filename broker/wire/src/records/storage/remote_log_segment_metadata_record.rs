//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataRecord {
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    pub start_offset: i64,
    pub end_offset: i64,
    pub broker_id: i32,
    pub max_timestamp_ms: i64,
    pub event_timestamp_ms: i64,
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    pub segment_size_in_bytes: i32,
    pub custom_metadata: Option<Bytes>,
    pub remote_log_segment_state: i8,
    pub txn_index_empty: bool,
}

impl Fields for RemoteLogSegmentMetadataRecord {
    const MIN_SIZE: usize = 83;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::read(d, version)?,
            start_offset: d.int64()?,
            end_offset: d.int64()?,
            broker_id: d.int32()?,
            max_timestamp_ms: d.int64()?,
            event_timestamp_ms: d.int64()?,
            segment_leader_epochs: d.array(version)?,
            segment_size_in_bytes: d.int32()?,
            custom_metadata: d.nullable_bytes()?,
            remote_log_segment_state: d.int8()?,
            txn_index_empty: false,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.txn_index_empty = d.bool()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        self.remote_log_segment_id.write(e, version);
        e.int64(self.start_offset);
        e.int64(self.end_offset);
        e.int32(self.broker_id);
        e.int64(self.max_timestamp_ms);
        e.int64(self.event_timestamp_ms);
        e.array(&self.segment_leader_epochs, version);
        e.int32(self.segment_size_in_bytes);
        e.nullable_bytes(self.custom_metadata.as_ref());
        e.int8(self.remote_log_segment_state);
        let tags = e.open_tags();
        if self.txn_index_empty {
            e.tag(tags, 0, |e| {
                e.bool(self.txn_index_empty);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentIdEntry {
    pub topic_id_partition: TopicIdPartitionEntry,
    pub id: Uuid,
}

impl Fields for RemoteLogSegmentIdEntry {
    const MIN_SIZE: usize = 39;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_id_partition: TopicIdPartitionEntry::read(d, version)?,
            id: d.uuid()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        self.topic_id_partition.write(e, version);
        e.uuid(self.id);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicIdPartitionEntry {
    pub name: Arc<str>,
    pub id: Uuid,
    pub partition: i32,
}

impl Fields for TopicIdPartitionEntry {
    const MIN_SIZE: usize = 22;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            id: d.uuid()?,
            partition: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.uuid(self.id);
        e.int32(self.partition);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SegmentLeaderEpochEntry {
    pub leader_epoch: i32,
    pub offset: i64,
}

impl Fields for SegmentLeaderEpochEntry {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            leader_epoch: d.int32()?,
            offset: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.leader_epoch);
        e.int64(self.offset);
        e.no_tags();
    }
}

impl Message for RemoteLogSegmentMetadataRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for RemoteLogSegmentMetadataRecord {
    const TYPE: i16 = 0;
}
