//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    pub group_id: Arc<str>,
    pub generation_id_or_member_epoch: i32,
    pub member_id: Arc<str>,
    /// Versions 7+.
    pub group_instance_id: Option<Arc<str>>,
    /// Versions 2-4.
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            generation_id_or_member_epoch: -1,
            member_id: Arc::default(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
        }
    }
}

impl Fields for OffsetCommitRequest {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            generation_id_or_member_epoch: d.int32()?,
            member_id: d.string()?,
            group_instance_id: if version >= 7 {
                d.nullable_string()?
            } else {
                None
            },
            retention_time_ms: if version <= 4 { d.int64()? } else { -1 },
            topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.int32(self.generation_id_or_member_epoch);
        e.string(&self.member_id);
        if version >= 7 {
            e.nullable_string(self.group_instance_id.as_deref());
        } else if self.group_instance_id.is_some() {
            e.cannot_carry("group_instance_id");
        }
        if version <= 4 {
            e.int64(self.retention_time_ms);
        }
        e.array(&self.topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitRequestTopic {
    /// Versions 2-9.
    pub name: Arc<str>,
    /// Versions 10+.
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl Fields for OffsetCommitRequestTopic {
    const MIN_SIZE: usize = 1;

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
pub struct OffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    /// Versions 6+.
    pub committed_leader_epoch: i32,
    pub committed_metadata: Option<Arc<str>>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Arc::default()),
        }
    }
}

impl Fields for OffsetCommitRequestPartition {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            committed_offset: d.int64()?,
            committed_leader_epoch: if version >= 6 { d.int32()? } else { -1 },
            committed_metadata: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_index);
        e.int64(self.committed_offset);
        if version >= 6 {
            e.int32(self.committed_leader_epoch);
        }
        e.nullable_string(self.committed_metadata.as_deref());
        e.no_tags();
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const VERSIONS: VersionRange = VersionRange::new(2, 10);
    const FLEXIBLE_FROM: Option<i16> = Some(8);
}

impl Request for OffsetCommitRequest {
    const KEY: ApiKey = ApiKey::OffsetCommit;
    type Response = crate::messages::offset_commit_response::OffsetCommitResponse;
}
