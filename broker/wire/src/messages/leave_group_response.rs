//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    /// Versions 3+.
    pub members: Vec<MemberResponse>,
}

impl Fields for LeaveGroupResponse {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            error_code: d.int16()?,
            members: if version >= 3 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        e.int16(self.error_code);
        if version >= 3 {
            e.array(&self.members, version);
        } else if !self.members.is_empty() {
            e.cannot_carry("members");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    pub error_code: i16,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self {
            member_id: Arc::default(),
            group_instance_id: Some(Arc::default()),
            error_code: 0,
        }
    }
}

impl Fields for MemberResponse {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            group_instance_id: d.nullable_string()?,
            error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.member_id);
        e.nullable_string(self.group_instance_id.as_deref());
        e.int16(self.error_code);
        e.no_tags();
    }
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}
