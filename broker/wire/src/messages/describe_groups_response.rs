//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Fields for DescribeGroupsResponse {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            groups: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        e.array(&self.groups, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    /// Versions 6+.
    pub error_message: Option<Arc<str>>,
    pub group_id: Arc<str>,
    pub group_state: Arc<str>,
    pub protocol_type: Arc<str>,
    pub protocol_data: Arc<str>,
    pub members: Vec<DescribedGroupMember>,
    /// Versions 3+.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: Arc::default(),
            group_state: Arc::default(),
            protocol_type: Arc::default(),
            protocol_data: Arc::default(),
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl Fields for DescribedGroup {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: if version >= 6 {
                d.nullable_string()?
            } else {
                None
            },
            group_id: d.string()?,
            group_state: d.string()?,
            protocol_type: d.string()?,
            protocol_data: d.string()?,
            members: d.array(version)?,
            authorized_operations: if version >= 3 { d.int32()? } else { i32::MIN },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        if version >= 6 {
            e.nullable_string(self.error_message.as_deref());
        } else if self.error_message.is_some() {
            e.cannot_carry("error_message");
        }
        e.string(&self.group_id);
        e.string(&self.group_state);
        e.string(&self.protocol_type);
        e.string(&self.protocol_data);
        e.array(&self.members, version);
        if version >= 3 {
            e.int32(self.authorized_operations);
        } else if self.authorized_operations != i32::MIN {
            e.cannot_carry("authorized_operations");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedGroupMember {
    pub member_id: Arc<str>,
    /// Versions 4+.
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub member_metadata: Bytes,
    pub member_assignment: Bytes,
}

impl Fields for DescribedGroupMember {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            group_instance_id: if version >= 4 {
                d.nullable_string()?
            } else {
                None
            },
            client_id: d.string()?,
            client_host: d.string()?,
            member_metadata: d.bytes()?,
            member_assignment: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        if version >= 4 {
            e.nullable_string(self.group_instance_id.as_deref());
        }
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.bytes(&self.member_metadata);
        e.bytes(&self.member_assignment);
        e.no_tags();
    }
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(5);
}
