//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeartbeatRequest {
    pub group_id: Arc<str>,
    pub generation_id: i32,
    pub member_id: Arc<str>,
    /// Versions 3+.
    pub group_instance_id: Option<Arc<str>>,
}

impl Fields for HeartbeatRequest {
    const MIN_SIZE: usize = 6;

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
        e.no_tags();
    }
}

impl Message for HeartbeatRequest {
    const NAME: &'static str = "HeartbeatRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Request for HeartbeatRequest {
    const KEY: ApiKey = ApiKey::Heartbeat;
    type Response = crate::messages::heartbeat_response::HeartbeatResponse;
}
