//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequest {
    pub group_id: Arc<str>,
    pub generation_id: i32,
    pub member_id: Arc<str>,
    /// Versions 3+.
    pub group_instance_id: Option<Arc<str>>,
    /// Versions 5+.
    pub protocol_type: Option<Arc<str>>,
    /// Versions 5+.
    pub protocol_name: Option<Arc<str>>,
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

impl Fields for SyncGroupRequest {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            generation_id: d.int32()?,
            member_id: d.string()?,
            group_instance_id: if version >= 3 {
                d.nullable_string()?
            } else {
                None
            },
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
            assignments: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.int32(self.generation_id);
        e.string(&self.member_id);
        if version >= 3 {
            e.nullable_string(self.group_instance_id.as_deref());
        } else if self.group_instance_id.is_some() {
            e.cannot_carry("group_instance_id");
        }
        if version >= 5 {
            e.nullable_string(self.protocol_type.as_deref());
        }
        if version >= 5 {
            e.nullable_string(self.protocol_name.as_deref());
        }
        e.array(&self.assignments, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequestAssignment {
    pub member_id: Arc<str>,
    pub assignment: Bytes,
}

impl Fields for SyncGroupRequestAssignment {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            assignment: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.member_id);
        e.bytes(&self.assignment);
        e.no_tags();
    }
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Request for SyncGroupRequest {
    const KEY: ApiKey = ApiKey::SyncGroup;
    type Response = crate::messages::sync_group_response::SyncGroupResponse;
}
