//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// Versions 2+.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub generation_id: i32,
    /// Versions 7+.
    pub protocol_type: Option<Arc<str>>,
    pub protocol_name: Option<Arc<str>>,
    pub leader: Arc<str>,
    /// Versions 9+.
    pub skip_assignment: bool,
    pub member_id: Arc<str>,
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Arc::default()),
            leader: Arc::default(),
            skip_assignment: false,
            member_id: Arc::default(),
            members: Vec::new(),
        }
    }
}

impl Fields for JoinGroupResponse {
    const MIN_SIZE: usize = 10;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 2 { d.int32()? } else { 0 },
            error_code: d.int16()?,
            generation_id: d.int32()?,
            protocol_type: if version >= 7 {
                d.nullable_string()?
            } else {
                None
            },
            protocol_name: if version >= 7 {
                d.nullable_string()?
            } else {
                Some(d.string()?)
            },
            leader: d.string()?,
            skip_assignment: if version >= 9 { d.bool()? } else { false },
            member_id: d.string()?,
            members: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 2 {
            e.int32(self.throttle_time_ms);
        }
        e.int16(self.error_code);
        e.int32(self.generation_id);
        if version >= 7 {
            e.nullable_string(self.protocol_type.as_deref());
        }
        if version >= 7 {
            e.nullable_string(self.protocol_name.as_deref());
        } else if let Some(it) = &self.protocol_name {
            e.string(it);
        } else {
            e.cannot_be_null("protocol_name");
        }
        e.string(&self.leader);
        if version >= 9 {
            e.bool(self.skip_assignment);
        } else if self.skip_assignment {
            e.cannot_carry("skip_assignment");
        }
        e.string(&self.member_id);
        e.array(&self.members, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupResponseMember {
    pub member_id: Arc<str>,
    /// Versions 5+.
    pub group_instance_id: Option<Arc<str>>,
    pub metadata: Bytes,
}

impl Fields for JoinGroupResponseMember {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            group_instance_id: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
            metadata: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        if version >= 5 {
            e.nullable_string(self.group_instance_id.as_deref());
        }
        e.bytes(&self.metadata);
        e.no_tags();
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 9);
    const FLEXIBLE_FROM: Option<i16> = Some(6);
}
