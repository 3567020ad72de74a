//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    pub group_id: Arc<str>,
    pub session_timeout_ms: i32,
    /// Versions 1+.
    pub rebalance_timeout_ms: i32,
    pub member_id: Arc<str>,
    /// Versions 5+.
    pub group_instance_id: Option<Arc<str>>,
    pub protocol_type: Arc<str>,
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// Versions 8+.
    pub reason: Option<Arc<str>>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: Arc::default(),
            group_instance_id: None,
            protocol_type: Arc::default(),
            protocols: Vec::new(),
            reason: None,
        }
    }
}

impl Fields for JoinGroupRequest {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            session_timeout_ms: d.int32()?,
            rebalance_timeout_ms: if version >= 1 { d.int32()? } else { -1 },
            member_id: d.string()?,
            group_instance_id: if version >= 5 {
                d.nullable_string()?
            } else {
                None
            },
            protocol_type: d.string()?,
            protocols: d.array(version)?,
            reason: if version >= 8 {
                d.nullable_string()?
            } else {
                None
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.int32(self.session_timeout_ms);
        if version >= 1 {
            e.int32(self.rebalance_timeout_ms);
        }
        e.string(&self.member_id);
        if version >= 5 {
            e.nullable_string(self.group_instance_id.as_deref());
        } else if self.group_instance_id.is_some() {
            e.cannot_carry("group_instance_id");
        }
        e.string(&self.protocol_type);
        e.array(&self.protocols, version);
        if version >= 8 {
            e.nullable_string(self.reason.as_deref());
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupRequestProtocol {
    pub name: Arc<str>,
    pub metadata: Bytes,
}

impl Fields for JoinGroupRequestProtocol {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            metadata: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.bytes(&self.metadata);
        e.no_tags();
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 9);
    const FLEXIBLE_FROM: Option<i16> = Some(6);
}

impl Request for JoinGroupRequest {
    const KEY: ApiKey = ApiKey::JoinGroup;
    type Response = crate::messages::join_group_response::JoinGroupResponse;
}
