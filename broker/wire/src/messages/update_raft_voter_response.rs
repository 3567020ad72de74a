//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub current_leader: CurrentLeader,
}

impl Fields for UpdateRaftVoterResponse {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            current_leader: CurrentLeader::default(),
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.current_leader = CurrentLeader::read(d, version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        let tags = e.open_tags();
        if self.current_leader != CurrentLeader::default() {
            e.tag(tags, 0, |e| {
                self.current_leader.write(e, version);
            });
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CurrentLeader {
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub host: Arc<str>,
    pub port: i32,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self {
            leader_id: -1,
            leader_epoch: -1,
            host: Arc::default(),
            port: 0,
        }
    }
}

impl Fields for CurrentLeader {
    const MIN_SIZE: usize = 14;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            leader_id: d.int32()?,
            leader_epoch: d.int32()?,
            host: d.string()?,
            port: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.leader_id);
        e.int32(self.leader_epoch);
        e.string(&self.host);
        e.int32(self.port);
        e.no_tags();
    }
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
