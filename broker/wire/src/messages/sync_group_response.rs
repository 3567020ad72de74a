//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    /// Versions 5+.
    pub protocol_type: Option<Arc<str>>,
    /// Versions 5+.
    pub protocol_name: Option<Arc<str>>,
    pub assignment: Bytes,
}

impl Fields for SyncGroupResponse {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            error_code: d.int16()?,
            protocol_type: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
            protocol_name: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
            assignment: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        e.int16(self.error_code);
        if version >= 5 {
            e.nullable_string(self.protocol_type.as_deref());
        }
        if version >= 5 {
            e.nullable_string(self.protocol_name.as_deref());
        }
        e.bytes(&self.assignment);
        e.no_tags();
    }
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}
