//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Records, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchSnapshotResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub topics: Vec<TopicSnapshot>,
    /// Versions 1+.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Fields for FetchSnapshotResponse {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            topics: d.array(version)?,
            node_endpoints: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 1 => it.node_endpoints = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.array(&self.topics, version);
        let tags = e.open_tags();
        if !self.node_endpoints.is_empty() {
            if version >= 1 {
                e.tag(tags, 0, |e| {
                    e.array(&self.node_endpoints, version);
                });
            } else {
                e.cannot_carry("node_endpoints");
            }
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
    pub index: i32,
    pub error_code: i16,
    pub snapshot_id: SnapshotId,
    pub current_leader: LeaderIdAndEpoch,
    pub size: i64,
    pub position: i64,
    pub unaligned_records: Records,
}

impl Fields for PartitionSnapshot {
    const MIN_SIZE: usize = 37;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            index: d.int32()?,
            error_code: d.int16()?,
            snapshot_id: SnapshotId::read(d, version)?,
            current_leader: LeaderIdAndEpoch::default(),
            size: d.int64()?,
            position: d.int64()?,
            unaligned_records: d.records()?,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.current_leader = LeaderIdAndEpoch::read(d, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.index);
        e.int16(self.error_code);
        self.snapshot_id.write(e, version);
        e.int64(self.size);
        e.int64(self.position);
        e.records(&self.unaligned_records);
        let tags = e.open_tags();
        if self.current_leader != LeaderIdAndEpoch::default() {
            e.tag(tags, 0, |e| {
                self.current_leader.write(e, version);
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl Fields for LeaderIdAndEpoch {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            leader_id: d.int32()?,
            leader_epoch: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.leader_id);
        e.int32(self.leader_epoch);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    pub node_id: i32,
    pub host: Arc<str>,
    pub port: u16,
}

impl Fields for NodeEndpoint {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            node_id: d.int32()?,
            host: d.string()?,
            port: d.uint16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.node_id);
        e.string(&self.host);
        e.uint16(self.port);
        e.no_tags();
    }
}

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
