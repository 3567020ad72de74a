//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponse {
    /// Versions 3+.
    pub throttle_time_ms: i32,
    /// Versions 1-7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// Versions 2-7.
    pub error_code: i16,
    /// Versions 8+.
    pub groups: Vec<OffsetFetchResponseGroup>,
}

impl Fields for OffsetFetchResponse {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 3 { d.int32()? } else { 0 },
            topics: if version <= 7 {
                d.array(version)?
            } else {
                Vec::new()
            },
            error_code: if (2..=7).contains(&version) {
                d.int16()?
            } else {
                0
            },
            groups: if version >= 8 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 3 {
            e.int32(self.throttle_time_ms);
        }
        if version <= 7 {
            e.array(&self.topics, version);
        } else if !self.topics.is_empty() {
            e.cannot_carry("topics");
        }
        if (2..=7).contains(&version) {
            e.int16(self.error_code);
        }
        if version >= 8 {
            e.array(&self.groups, version);
        } else if !self.groups.is_empty() {
            e.cannot_carry("groups");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopic {
    pub name: Arc<str>,
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl Fields for OffsetFetchResponseTopic {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    /// Versions 5+.
    pub committed_leader_epoch: i32,
    pub metadata: Option<Arc<str>>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Arc::default()),
            error_code: 0,
        }
    }
}

impl Fields for OffsetFetchResponsePartition {
    const MIN_SIZE: usize = 15;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            committed_offset: d.int64()?,
            committed_leader_epoch: if version >= 5 { d.int32()? } else { -1 },
            metadata: d.nullable_string()?,
            error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_index);
        e.int64(self.committed_offset);
        if version >= 5 {
            e.int32(self.committed_leader_epoch);
        }
        e.nullable_string(self.metadata.as_deref());
        e.int16(self.error_code);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseGroup {
    pub group_id: Arc<str>,
    pub topics: Vec<OffsetFetchResponseTopics>,
    pub error_code: i16,
}

impl Fields for OffsetFetchResponseGroup {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            topics: d.array(version)?,
            error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.array(&self.topics, version);
        e.int16(self.error_code);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopics {
    /// Versions 8-9.
    pub name: Arc<str>,
    /// Versions 10+.
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl Fields for OffsetFetchResponseTopics {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: if version <= 9 {
                d.string()?
            } else {
                Arc::default()
            },
            topic_id: if version >= 10 { d.uuid()? } else { Uuid::ZERO },
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 9 {
            e.string(&self.name);
        }
        if version >= 10 {
            e.uuid(self.topic_id);
        }
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub metadata: Option<Arc<str>>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Arc::default()),
            error_code: 0,
        }
    }
}

impl Fields for OffsetFetchResponsePartitions {
    const MIN_SIZE: usize = 20;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            committed_offset: d.int64()?,
            committed_leader_epoch: d.int32()?,
            metadata: d.nullable_string()?,
            error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.partition_index);
        e.int64(self.committed_offset);
        e.int32(self.committed_leader_epoch);
        e.nullable_string(self.metadata.as_deref());
        e.int16(self.error_code);
        e.no_tags();
    }
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 10);
    const FLEXIBLE_FROM: Option<i16> = Some(6);
}
