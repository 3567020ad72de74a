//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateTopicsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}

impl Fields for CreateTopicsResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.array(&self.topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    pub name: Arc<str>,
    /// Versions 7+.
    pub topic_id: Uuid,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    /// Versions 5+.
    pub topic_config_error_code: i16,
    /// Versions 5+.
    pub num_partitions: i32,
    /// Versions 5+.
    pub replication_factor: i16,
    /// Versions 5+.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Arc::default(),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: Some(Arc::default()),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
        }
    }
}

impl Fields for CreatableTopicResult {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            name: d.string()?,
            topic_id: if version >= 7 { d.uuid()? } else { Uuid::ZERO },
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            topic_config_error_code: 0,
            num_partitions: if version >= 5 { d.int32()? } else { -1 },
            replication_factor: if version >= 5 { d.int16()? } else { -1 },
            configs: if version >= 5 {
                d.nullable_array(version)?
            } else {
                Some(Vec::new())
            },
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 5 => it.topic_config_error_code = d.int16()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        if version >= 7 {
            e.uuid(self.topic_id);
        }
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        if version >= 5 {
            e.int32(self.num_partitions);
        }
        if version >= 5 {
            e.int16(self.replication_factor);
        }
        if version >= 5 {
            e.nullable_array(self.configs.as_deref(), version);
        }
        let tags = e.open_tags();
        if version >= 5 && self.topic_config_error_code != 0 {
            e.tag(tags, 0, |e| {
                e.int16(self.topic_config_error_code);
            });
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    pub name: Arc<str>,
    pub value: Option<Arc<str>>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Arc::default(),
            value: Some(Arc::default()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
        }
    }
}

impl Fields for CreatableTopicConfigs {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            value: d.nullable_string()?,
            read_only: d.bool()?,
            config_source: d.int8()?,
            is_sensitive: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.nullable_string(self.value.as_deref());
        e.bool(self.read_only);
        e.int8(self.config_source);
        e.bool(self.is_sensitive);
        e.no_tags();
    }
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const VERSIONS: VersionRange = VersionRange::new(2, 7);
    const FLEXIBLE_FROM: Option<i16> = Some(5);
}
