//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncrementalAlterConfigsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse>,
}

impl Fields for IncrementalAlterConfigsResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            responses: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.array(&self.responses, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsResourceResponse {
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub resource_type: i8,
    pub resource_name: Arc<str>,
}

impl Default for AlterConfigsResourceResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Arc::default()),
            resource_type: 0,
            resource_name: Arc::default(),
        }
    }
}

impl Fields for AlterConfigsResourceResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            resource_type: d.int8()?,
            resource_name: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.no_tags();
    }
}

impl Message for IncrementalAlterConfigsResponse {
    const NAME: &'static str = "IncrementalAlterConfigsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(1);
}
