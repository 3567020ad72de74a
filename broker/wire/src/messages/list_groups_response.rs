//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub groups: Vec<ListedGroup>,
}

impl Fields for ListGroupsResponse {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            error_code: d.int16()?,
            groups: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        e.int16(self.error_code);
        e.array(&self.groups, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedGroup {
    pub group_id: Arc<str>,
    pub protocol_type: Arc<str>,
    /// Versions 4+.
    pub group_state: Arc<str>,
    /// Versions 5+.
    pub group_type: Arc<str>,
}

impl Fields for ListedGroup {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            protocol_type: d.string()?,
            group_state: if version >= 4 {
                d.string()?
            } else {
                Arc::default()
            },
            group_type: if version >= 5 {
                d.string()?
            } else {
                Arc::default()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.string(&self.protocol_type);
        if version >= 4 {
            e.string(&self.group_state);
        }
        if version >= 5 {
            e.string(&self.group_type);
        }
        e.no_tags();
    }
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}
