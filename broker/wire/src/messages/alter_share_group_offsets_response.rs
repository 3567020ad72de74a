//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
}

impl Fields for AlterShareGroupOffsetsResponse {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            responses: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.array(&self.responses, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsResponseTopic {
    pub topic_name: Arc<str>,
    pub topic_id: Uuid,
    pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
}

impl Fields for AlterShareGroupOffsetsResponseTopic {
    const MIN_SIZE: usize = 19;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_name: d.string()?,
            topic_id: d.uuid()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.topic_name);
        e.uuid(self.topic_id);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
}

impl Fields for AlterShareGroupOffsetsResponsePartition {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.partition_index);
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.no_tags();
    }
}

impl Message for AlterShareGroupOffsetsResponse {
    const NAME: &'static str = "AlterShareGroupOffsetsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
