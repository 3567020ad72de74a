//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupRequest {
    pub group_id: Arc<str>,
    /// Versions 0-2.
    pub member_id: Arc<str>,
    /// Versions 3+.
    pub members: Vec<MemberIdentity>,
}

impl Fields for LeaveGroupRequest {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            member_id: if version <= 2 {
                d.string()?
            } else {
                Arc::default()
            },
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
        e.string(&self.group_id);
        if version <= 2 {
            e.string(&self.member_id);
        } else if !self.member_id.is_empty() {
            e.cannot_carry("member_id");
        }
        if version >= 3 {
            e.array(&self.members, version);
        } else if !self.members.is_empty() {
            e.cannot_carry("members");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberIdentity {
    pub member_id: Arc<str>,
    pub group_instance_id: Option<Arc<str>>,
    /// Versions 5+.
    pub reason: Option<Arc<str>>,
}

impl Fields for MemberIdentity {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            group_instance_id: d.nullable_string()?,
            reason: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        e.nullable_string(self.group_instance_id.as_deref());
        if version >= 5 {
            e.nullable_string(self.reason.as_deref());
        }
        e.no_tags();
    }
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Request for LeaveGroupRequest {
    const KEY: ApiKey = ApiKey::LeaveGroup;
    type Response = crate::messages::leave_group_response::LeaveGroupResponse;
}
