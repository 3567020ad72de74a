//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult>,
}

impl Fields for DeleteTopicsResponse {
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
pub struct DeletableTopicResult {
    pub name: Option<Arc<str>>,
    /// Versions 6+.
    pub topic_id: Uuid,
    pub error_code: i16,
    /// Versions 5+.
    pub error_message: Option<Arc<str>>,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self {
            name: Some(Arc::default()),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: None,
        }
    }
}

impl Fields for DeletableTopicResult {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: if version >= 6 {
                d.nullable_string()?
            } else {
                Some(d.string()?)
            },
            topic_id: if version >= 6 { d.uuid()? } else { Uuid::ZERO },
            error_code: d.int16()?,
            error_message: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 6 {
            e.nullable_string(self.name.as_deref());
        } else if let Some(it) = &self.name {
            e.string(it);
        } else {
            e.cannot_be_null("name");
        }
        if version >= 6 {
            e.uuid(self.topic_id);
        }
        e.int16(self.error_code);
        if version >= 5 {
            e.nullable_string(self.error_message.as_deref());
        }
        e.no_tags();
    }
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}
