//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    pub protocol_type: Arc<str>,
    pub generation: i32,
    pub protocol: Option<Arc<str>>,
    pub leader: Option<Arc<str>>,
    /// Versions 2+.
    pub current_state_timestamp: i64,
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: Arc::default(),
            generation: 0,
            protocol: Some(Arc::default()),
            leader: Some(Arc::default()),
            current_state_timestamp: -1,
            members: Vec::new(),
        }
    }
}

impl Fields for GroupMetadataValue {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            protocol_type: d.string()?,
            generation: d.int32()?,
            protocol: d.nullable_string()?,
            leader: d.nullable_string()?,
            current_state_timestamp: if version >= 2 { d.int64()? } else { -1 },
            members: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.protocol_type);
        e.int32(self.generation);
        e.nullable_string(self.protocol.as_deref());
        e.nullable_string(self.leader.as_deref());
        if version >= 2 {
            e.int64(self.current_state_timestamp);
        }
        e.array(&self.members, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    pub member_id: Arc<str>,
    /// Versions 3+.
    pub group_instance_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    /// Versions 1+.
    pub rebalance_timeout: i32,
    pub session_timeout: i32,
    pub subscription: Bytes,
    pub assignment: Bytes,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: Arc::default(),
            group_instance_id: None,
            client_id: Arc::default(),
            client_host: Arc::default(),
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
        }
    }
}

impl Fields for MemberMetadata {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            group_instance_id: if version >= 3 {
                d.nullable_string()?
            } else {
                None
            },
            client_id: d.string()?,
            client_host: d.string()?,
            rebalance_timeout: if version >= 1 { d.int32()? } else { -1 },
            session_timeout: d.int32()?,
            subscription: d.bytes()?,
            assignment: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        if version >= 3 {
            e.nullable_string(self.group_instance_id.as_deref());
        }
        e.string(&self.client_id);
        e.string(&self.client_host);
        if version >= 1 {
            e.int32(self.rebalance_timeout);
        }
        e.int32(self.session_timeout);
        e.bytes(&self.subscription);
        e.bytes(&self.assignment);
        e.no_tags();
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Typed for GroupMetadataValue {
    const TYPE: i16 = 2;
}
