//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Records, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchResponse {
    pub throttle_time_ms: i32,
    /// Versions 7+.
    pub error_code: i16,
    /// Versions 7+.
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse>,
    /// Versions 16+.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Fields for FetchResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            throttle_time_ms: d.int32()?,
            error_code: if version >= 7 { d.int16()? } else { 0 },
            session_id: if version >= 7 { d.int32()? } else { 0 },
            responses: d.array(version)?,
            node_endpoints: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 16 => it.node_endpoints = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        if version >= 7 {
            e.int16(self.error_code);
        }
        if version >= 7 {
            e.int32(self.session_id);
        } else if self.session_id != 0 {
            e.cannot_carry("session_id");
        }
        e.array(&self.responses, version);
        let tags = e.open_tags();
        if !self.node_endpoints.is_empty() {
            if version >= 16 {
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
pub struct FetchableTopicResponse {
    /// Versions 4-12.
    pub topic: Arc<str>,
    /// Versions 13+.
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl Fields for FetchableTopicResponse {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic: if version <= 12 {
                d.string()?
            } else {
                Arc::default()
            },
            topic_id: if version >= 13 { d.uuid()? } else { Uuid::ZERO },
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 12 {
            e.string(&self.topic);
        }
        if version >= 13 {
            e.uuid(self.topic_id);
        }
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    /// Versions 5+.
    pub log_start_offset: i64,
    /// Versions 12+.
    pub diverging_epoch: EpochEndOffset,
    /// Versions 12+.
    pub current_leader: LeaderIdAndEpoch,
    /// Versions 12+.
    pub snapshot_id: SnapshotId,
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// Versions 11+.
    pub preferred_read_replica: i32,
    pub records: Records,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: Records::EMPTY,
        }
    }
}

impl Fields for PartitionData {
    const MIN_SIZE: usize = 24;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            partition_index: d.int32()?,
            error_code: d.int16()?,
            high_watermark: d.int64()?,
            last_stable_offset: d.int64()?,
            log_start_offset: if version >= 5 { d.int64()? } else { -1 },
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: d.nullable_array(version)?,
            preferred_read_replica: if version >= 11 { d.int32()? } else { -1 },
            records: d.records()?,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 12 => it.diverging_epoch = EpochEndOffset::read(d, version)?,
                1 if version >= 12 => it.current_leader = LeaderIdAndEpoch::read(d, version)?,
                2 if version >= 12 => it.snapshot_id = SnapshotId::read(d, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_index);
        e.int16(self.error_code);
        e.int64(self.high_watermark);
        e.int64(self.last_stable_offset);
        if version >= 5 {
            e.int64(self.log_start_offset);
        }
        e.nullable_array(self.aborted_transactions.as_deref(), version);
        if version >= 11 {
            e.int32(self.preferred_read_replica);
        } else if self.preferred_read_replica != -1 {
            e.cannot_carry("preferred_read_replica");
        }
        e.records(&self.records);
        let tags = e.open_tags();
        if self.diverging_epoch != EpochEndOffset::default() {
            if version >= 12 {
                e.tag(tags, 0, |e| {
                    self.diverging_epoch.write(e, version);
                });
            } else {
                e.cannot_carry("diverging_epoch");
            }
        }
        if self.current_leader != LeaderIdAndEpoch::default() {
            if version >= 12 {
                e.tag(tags, 1, |e| {
                    self.current_leader.write(e, version);
                });
            } else {
                e.cannot_carry("current_leader");
            }
        }
        if self.snapshot_id != SnapshotId::default() {
            if version >= 12 {
                e.tag(tags, 2, |e| {
                    self.snapshot_id.write(e, version);
                });
            } else {
                e.cannot_carry("snapshot_id");
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    pub epoch: i32,
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            epoch: -1,
            end_offset: -1,
        }
    }
}

impl Fields for EpochEndOffset {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            epoch: d.int32()?,
            end_offset: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.epoch);
        e.int64(self.end_offset);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self {
            leader_id: -1,
            leader_epoch: -1,
        }
    }
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

#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    pub end_offset: i64,
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self {
            end_offset: -1,
            epoch: -1,
        }
    }
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
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: i64,
}

impl Fields for AbortedTransaction {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            producer_id: d.int64()?,
            first_offset: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int64(self.producer_id);
        e.int64(self.first_offset);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    pub node_id: i32,
    pub host: Arc<str>,
    pub port: i32,
    pub rack: Option<Arc<str>>,
}

impl Fields for NodeEndpoint {
    const MIN_SIZE: usize = 11;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            node_id: d.int32()?,
            host: d.string()?,
            port: d.int32()?,
            rack: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.node_id);
        e.string(&self.host);
        e.int32(self.port);
        e.nullable_string(self.rack.as_deref());
        e.no_tags();
    }
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const VERSIONS: VersionRange = VersionRange::new(4, 18);
    const FLEXIBLE_FROM: Option<i16> = Some(12);
}
