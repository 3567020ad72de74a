//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<DescribeConfigsResult>,
}

impl Fields for DescribeConfigsResponse {
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

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResult {
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub configs: Vec<DescribeConfigsResourceResult>,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Arc::default()),
            resource_type: 0,
            resource_name: Arc::default(),
            configs: Vec::new(),
        }
    }
}

impl Fields for DescribeConfigsResult {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            resource_type: d.int8()?,
            resource_name: d.string()?,
            configs: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.array(&self.configs, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResourceResult {
    pub name: Arc<str>,
    pub value: Option<Arc<str>>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// Versions 3+.
    pub config_type: i8,
    /// Versions 3+.
    pub documentation: Option<Arc<str>>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Arc::default(),
            value: Some(Arc::default()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: Some(Arc::default()),
        }
    }
}

impl Fields for DescribeConfigsResourceResult {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            value: d.nullable_string()?,
            read_only: d.bool()?,
            config_source: d.int8()?,
            is_sensitive: d.bool()?,
            synonyms: d.array(version)?,
            config_type: if version >= 3 { d.int8()? } else { 0 },
            documentation: if version >= 3 {
                d.nullable_string()?
            } else {
                Some(Arc::default())
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.nullable_string(self.value.as_deref());
        e.bool(self.read_only);
        e.int8(self.config_source);
        e.bool(self.is_sensitive);
        e.array(&self.synonyms, version);
        if version >= 3 {
            e.int8(self.config_type);
        }
        if version >= 3 {
            e.nullable_string(self.documentation.as_deref());
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsSynonym {
    pub name: Arc<str>,
    pub value: Option<Arc<str>>,
    pub source: i8,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self {
            name: Arc::default(),
            value: Some(Arc::default()),
            source: 0,
        }
    }
}

impl Fields for DescribeConfigsSynonym {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            value: d.nullable_string()?,
            source: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.nullable_string(self.value.as_deref());
        e.int8(self.source);
        e.no_tags();
    }
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}
