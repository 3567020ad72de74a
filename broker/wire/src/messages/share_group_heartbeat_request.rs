//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupHeartbeatRequest {
    pub group_id: Arc<str>,
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub rack_id: Option<Arc<str>>,
    pub subscribed_topic_names: Option<Vec<Arc<str>>>,
}

impl Fields for ShareGroupHeartbeatRequest {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            member_id: d.string()?,
            member_epoch: d.int32()?,
            rack_id: d.nullable_string()?,
            subscribed_topic_names: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.string(&self.member_id);
        e.int32(self.member_epoch);
        e.nullable_string(self.rack_id.as_deref());
        e.nullable_array(self.subscribed_topic_names.as_deref(), version);
        e.no_tags();
    }
}

impl Message for ShareGroupHeartbeatRequest {
    const NAME: &'static str = "ShareGroupHeartbeatRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(1);
}

impl Request for ShareGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::ShareGroupHeartbeat;
    type Response = crate::messages::share_group_heartbeat_response::ShareGroupHeartbeatResponse;
}
