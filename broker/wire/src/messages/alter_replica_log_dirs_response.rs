//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDirsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<AlterReplicaLogDirTopicResult>,
}

impl Fields for AlterReplicaLogDirsResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            results: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.array(&self.results, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDirTopicResult {
    pub topic_name: Arc<str>,
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

impl Fields for AlterReplicaLogDirTopicResult {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_name: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.topic_name);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDirPartitionResult {
    pub partition_index: i32,
    pub error_code: i16,
}

impl Fields for AlterReplicaLogDirPartitionResult {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.partition_index);
        e.int16(self.error_code);
        e.no_tags();
    }
}

impl Message for AlterReplicaLogDirsResponse {
    const NAME: &'static str = "AlterReplicaLogDirsResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}
