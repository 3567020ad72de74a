//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceResponse {
    pub responses: Vec<TopicProduceResponse>,
    pub throttle_time_ms: i32,
    /// Versions 10+.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Fields for ProduceResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            responses: d.array(version)?,
            throttle_time_ms: d.int32()?,
            node_endpoints: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 10 => it.node_endpoints = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.responses, version);
        e.int32(self.throttle_time_ms);
        let tags = e.open_tags();
        if !self.node_endpoints.is_empty() {
            if version >= 10 {
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
pub struct TopicProduceResponse {
    /// Versions 3-12.
    pub name: Arc<str>,
    /// Versions 13+.
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl Fields for TopicProduceResponse {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: if version <= 12 {
                d.string()?
            } else {
                Arc::default()
            },
            topic_id: if version >= 13 { d.uuid()? } else { Uuid::ZERO },
            partition_responses: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 12 {
            e.string(&self.name);
        }
        if version >= 13 {
            e.uuid(self.topic_id);
        }
        e.array(&self.partition_responses, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    pub index: i32,
    pub error_code: i16,
    pub base_offset: i64,
    pub log_append_time_ms: i64,
    /// Versions 5+.
    pub log_start_offset: i64,
    /// Versions 8+.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// Versions 8+.
    pub error_message: Option<Arc<str>>,
    /// Versions 10+.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
        }
    }
}

impl Fields for PartitionProduceResponse {
    const MIN_SIZE: usize = 22;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            index: d.int32()?,
            error_code: d.int16()?,
            base_offset: d.int64()?,
            log_append_time_ms: d.int64()?,
            log_start_offset: if version >= 5 { d.int64()? } else { -1 },
            record_errors: if version >= 8 {
                d.array(version)?
            } else {
                Vec::new()
            },
            error_message: if version >= 8 {
                d.nullable_string()?
            } else {
                None
            },
            current_leader: LeaderIdAndEpoch::default(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 10 => it.current_leader = LeaderIdAndEpoch::read(d, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.index);
        e.int16(self.error_code);
        e.int64(self.base_offset);
        e.int64(self.log_append_time_ms);
        if version >= 5 {
            e.int64(self.log_start_offset);
        }
        if version >= 8 {
            e.array(&self.record_errors, version);
        }
        if version >= 8 {
            e.nullable_string(self.error_message.as_deref());
        }
        let tags = e.open_tags();
        if self.current_leader != LeaderIdAndEpoch::default() {
            if version >= 10 {
                e.tag(tags, 0, |e| {
                    self.current_leader.write(e, version);
                });
            } else {
                e.cannot_carry("current_leader");
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchIndexAndErrorMessage {
    pub batch_index: i32,
    pub batch_index_error_message: Option<Arc<str>>,
}

impl Fields for BatchIndexAndErrorMessage {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            batch_index: d.int32()?,
            batch_index_error_message: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.batch_index);
        e.nullable_string(self.batch_index_error_message.as_deref());
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

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const VERSIONS: VersionRange = VersionRange::new(3, 13);
    const FLEXIBLE_FROM: Option<i16> = Some(9);
}
