//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    pub transactional_id: Arc<str>,
    pub group_id: Arc<str>,
    pub producer_id: i64,
    pub producer_epoch: i16,
    /// Versions 3+.
    pub generation_id: i32,
    /// Versions 3+.
    pub member_id: Arc<str>,
    /// Versions 3+.
    pub group_instance_id: Option<Arc<str>>,
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: Arc::default(),
            group_id: Arc::default(),
            producer_id: 0,
            producer_epoch: 0,
            generation_id: -1,
            member_id: Arc::default(),
            group_instance_id: None,
            topics: Vec::new(),
        }
    }
}

impl Fields for TxnOffsetCommitRequest {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactional_id: d.string()?,
            group_id: d.string()?,
            producer_id: d.int64()?,
            producer_epoch: d.int16()?,
            generation_id: if version >= 3 { d.int32()? } else { -1 },
            member_id: if version >= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            group_instance_id: if version >= 3 {
                d.nullable_string()?
            } else {
                None
            },
            topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.transactional_id);
        e.string(&self.group_id);
        e.int64(self.producer_id);
        e.int16(self.producer_epoch);
        if version >= 3 {
            e.int32(self.generation_id);
        } else if self.generation_id != -1 {
            e.cannot_carry("generation_id");
        }
        if version >= 3 {
            e.string(&self.member_id);
        } else if !self.member_id.is_empty() {
            e.cannot_carry("member_id");
        }
        if version >= 3 {
            e.nullable_string(self.group_instance_id.as_deref());
        } else if self.group_instance_id.is_some() {
            e.cannot_carry("group_instance_id");
        }
        e.array(&self.topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TxnOffsetCommitRequestTopic {
    pub name: Arc<str>,
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

impl Fields for TxnOffsetCommitRequestTopic {
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
pub struct TxnOffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    /// Versions 2+.
    pub committed_leader_epoch: i32,
    pub committed_metadata: Option<Arc<str>>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Arc::default()),
        }
    }
}

impl Fields for TxnOffsetCommitRequestPartition {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            committed_offset: d.int64()?,
            committed_leader_epoch: if version >= 2 { d.int32()? } else { -1 },
            committed_metadata: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_index);
        e.int64(self.committed_offset);
        if version >= 2 {
            e.int32(self.committed_leader_epoch);
        }
        e.nullable_string(self.committed_metadata.as_deref());
        e.no_tags();
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}

impl Request for TxnOffsetCommitRequest {
    const KEY: ApiKey = ApiKey::TxnOffsetCommit;
    type Response = crate::messages::txn_offset_commit_response::TxnOffsetCommitResponse;
}
