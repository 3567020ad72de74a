//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct BrokerHeartbeatRequest {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub current_metadata_offset: i64,
    pub want_fence: bool,
    pub want_shut_down: bool,
    /// Versions 1+.
    pub offline_log_dirs: Vec<Uuid>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
        }
    }
}

impl Fields for BrokerHeartbeatRequest {
    const MIN_SIZE: usize = 23;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            broker_id: d.int32()?,
            broker_epoch: d.int64()?,
            current_metadata_offset: d.int64()?,
            want_fence: d.bool()?,
            want_shut_down: d.bool()?,
            offline_log_dirs: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 1 => it.offline_log_dirs = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.broker_id);
        e.int64(self.broker_epoch);
        e.int64(self.current_metadata_offset);
        e.bool(self.want_fence);
        e.bool(self.want_shut_down);
        let tags = e.open_tags();
        if !self.offline_log_dirs.is_empty() {
            if version >= 1 {
                e.tag(tags, 0, |e| {
                    e.array(&self.offline_log_dirs, version);
                });
            } else {
                e.cannot_carry("offline_log_dirs");
            }
        }
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for BrokerHeartbeatRequest {
    const KEY: ApiKey = ApiKey::BrokerHeartbeat;
    type Response = crate::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
}
