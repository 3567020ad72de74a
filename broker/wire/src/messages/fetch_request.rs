//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// Versions 12+.
    pub cluster_id: Option<Arc<str>>,
    /// Versions 4-14.
    pub replica_id: i32,
    /// Versions 15+.
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    pub max_bytes: i32,
    pub isolation_level: i8,
    /// Versions 7+.
    pub session_id: i32,
    /// Versions 7+.
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic>,
    /// Versions 7+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Versions 11+.
    pub rack_id: Arc<str>,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: Arc::default(),
        }
    }
}

impl Fields for FetchRequest {
    const MIN_SIZE: usize = 14;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            cluster_id: None,
            replica_id: if version <= 14 { d.int32()? } else { -1 },
            replica_state: ReplicaState::default(),
            max_wait_ms: d.int32()?,
            min_bytes: d.int32()?,
            max_bytes: d.int32()?,
            isolation_level: d.int8()?,
            session_id: if version >= 7 { d.int32()? } else { 0 },
            session_epoch: if version >= 7 { d.int32()? } else { -1 },
            topics: d.array(version)?,
            forgotten_topics_data: if version >= 7 {
                d.array(version)?
            } else {
                Vec::new()
            },
            rack_id: if version >= 11 {
                d.string()?
            } else {
                Arc::default()
            },
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 12 => it.cluster_id = d.nullable_string()?,
                1 if version >= 15 => it.replica_state = ReplicaState::read(d, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 14 {
            e.int32(self.replica_id);
        } else if self.replica_id != -1 {
            e.cannot_carry("replica_id");
        }
        e.int32(self.max_wait_ms);
        e.int32(self.min_bytes);
        e.int32(self.max_bytes);
        e.int8(self.isolation_level);
        if version >= 7 {
            e.int32(self.session_id);
        }
        if version >= 7 {
            e.int32(self.session_epoch);
        }
        e.array(&self.topics, version);
        if version >= 7 {
            e.array(&self.forgotten_topics_data, version);
        } else if !self.forgotten_topics_data.is_empty() {
            e.cannot_carry("forgotten_topics_data");
        }
        if version >= 11 {
            e.string(&self.rack_id);
        }
        let tags = e.open_tags();
        if version >= 12 && self.cluster_id.is_some() {
            e.tag(tags, 0, |e| {
                e.nullable_string(self.cluster_id.as_deref());
            });
        }
        if self.replica_state != ReplicaState::default() {
            if version >= 15 {
                e.tag(tags, 1, |e| {
                    self.replica_state.write(e, version);
                });
            } else {
                e.cannot_carry("replica_state");
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    pub replica_id: i32,
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: -1,
            replica_epoch: -1,
        }
    }
}

impl Fields for ReplicaState {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            replica_id: d.int32()?,
            replica_epoch: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.replica_id);
        e.int64(self.replica_epoch);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    /// Versions 4-12.
    pub topic: Arc<str>,
    /// Versions 13+.
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl Fields for FetchTopic {
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
pub struct FetchPartition {
    pub partition: i32,
    /// Versions 9+.
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    /// Versions 12+.
    pub last_fetched_epoch: i32,
    /// Versions 5+.
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    /// Versions 17+.
    pub replica_directory_id: Uuid,
    /// Versions 18+.
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        }
    }
}

impl Fields for FetchPartition {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            partition: d.int32()?,
            current_leader_epoch: if version >= 9 { d.int32()? } else { -1 },
            fetch_offset: d.int64()?,
            last_fetched_epoch: if version >= 12 { d.int32()? } else { -1 },
            log_start_offset: if version >= 5 { d.int64()? } else { -1 },
            partition_max_bytes: d.int32()?,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 17 => it.replica_directory_id = d.uuid()?,
                1 if version >= 18 => it.high_watermark = d.int64()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition);
        if version >= 9 {
            e.int32(self.current_leader_epoch);
        }
        e.int64(self.fetch_offset);
        if version >= 12 {
            e.int32(self.last_fetched_epoch);
        } else if self.last_fetched_epoch != -1 {
            e.cannot_carry("last_fetched_epoch");
        }
        if version >= 5 {
            e.int64(self.log_start_offset);
        }
        e.int32(self.partition_max_bytes);
        let tags = e.open_tags();
        if version >= 17 && !self.replica_directory_id.is_zero() {
            e.tag(tags, 0, |e| {
                e.uuid(self.replica_directory_id);
            });
        }
        if version >= 18 && self.high_watermark != i64::MAX {
            e.tag(tags, 1, |e| {
                e.int64(self.high_watermark);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    /// Versions 7-12.
    pub topic: Arc<str>,
    /// Versions 13+.
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl Fields for ForgottenTopic {
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

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const VERSIONS: VersionRange = VersionRange::new(4, 18);
    const FLEXIBLE_FROM: Option<i16> = Some(12);
}

impl Request for FetchRequest {
    const KEY: ApiKey = ApiKey::Fetch;
    type Response = crate::messages::fetch_response::FetchResponse;
}
