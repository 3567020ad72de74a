//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotRequest {
    pub cluster_id: Option<Arc<str>>,
    pub replica_id: i32,
    pub max_bytes: i32,
    pub topics: Vec<TopicSnapshot>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            max_bytes: i32::MAX,
            topics: Vec::new(),
        }
    }
}

impl Fields for FetchSnapshotRequest {
    const MIN_SIZE: usize = 10;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            cluster_id: None,
            replica_id: d.int32()?,
            max_bytes: d.int32()?,
            topics: d.array(version)?,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.cluster_id = d.nullable_string()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.replica_id);
        e.int32(self.max_bytes);
        e.array(&self.topics, version);
        let tags = e.open_tags();
        if self.cluster_id.is_some() {
            e.tag(tags, 0, |e| {
                e.nullable_string(self.cluster_id.as_deref());
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicSnapshot {
    pub name: Arc<str>,
    pub partitions: Vec<PartitionSnapshot>,
}

impl Fields for TopicSnapshot {
    const MIN_SIZE: usize = 3;

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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionSnapshot {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub snapshot_id: SnapshotId,
    pub position: i64,
    /// Versions 1+.
    pub replica_directory_id: Uuid,
}

impl Fields for PartitionSnapshot {
    const MIN_SIZE: usize = 30;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            partition: d.int32()?,
            current_leader_epoch: d.int32()?,
            snapshot_id: SnapshotId::read(d, version)?,
            position: d.int64()?,
            replica_directory_id: Uuid::ZERO,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 1 => it.replica_directory_id = d.uuid()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition);
        e.int32(self.current_leader_epoch);
        self.snapshot_id.write(e, version);
        e.int64(self.position);
        let tags = e.open_tags();
        if version >= 1 && !self.replica_directory_id.is_zero() {
            e.tag(tags, 0, |e| {
                e.uuid(self.replica_directory_id);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotId {
    pub end_offset: i64,
    pub epoch: i32,
}

impl Fields for SnapshotId {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            end_offset: d.int64()?,
            epoch: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int64(self.end_offset);
        e.int32(self.epoch);
        e.no_tags();
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for FetchSnapshotRequest {
    const KEY: ApiKey = ApiKey::FetchSnapshot;
    type Response = crate::messages::fetch_snapshot_response::FetchSnapshotResponse;
}
