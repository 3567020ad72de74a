//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    pub broker_id: i32,
    pub event_timestamp_ms: i64,
    pub custom_metadata: Option<Bytes>,
    pub remote_log_segment_state: i8,
}

impl Fields for RemoteLogSegmentMetadataUpdateRecord {
    const MIN_SIZE: usize = 54;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::read(d, version)?,
            broker_id: d.int32()?,
            event_timestamp_ms: d.int64()?,
            custom_metadata: d.nullable_bytes()?,
            remote_log_segment_state: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        self.remote_log_segment_id.write(e, version);
        e.int32(self.broker_id);
        e.int64(self.event_timestamp_ms);
        e.nullable_bytes(self.custom_metadata.as_ref());
        e.int8(self.remote_log_segment_state);
        e.no_tags();
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

impl Message for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for RemoteLogSegmentMetadataUpdateRecord {
    const TYPE: i16 = 1;
}
