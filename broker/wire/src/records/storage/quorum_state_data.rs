//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStateData {
    /// Version 0.
    pub cluster_id: Arc<str>,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub voted_id: i32,
    /// Versions 1+.
    pub voted_directory_id: Uuid,
    /// Version 0.
    pub applied_offset: i64,
    /// Version 0.
    pub current_voters: Option<Vec<Voter>>,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: Arc::default(),
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Some(Vec::new()),
        }
    }
}

impl Fields for QuorumStateData {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            cluster_id: if version == 0 {
                d.string()?
            } else {
                Arc::default()
            },
            leader_id: d.int32()?,
            leader_epoch: d.int32()?,
            voted_id: d.int32()?,
            voted_directory_id: if version >= 1 { d.uuid()? } else { Uuid::ZERO },
            applied_offset: if version == 0 { d.int64()? } else { 0 },
            current_voters: if version == 0 {
                d.nullable_array(version)?
            } else {
                Some(Vec::new())
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version == 0 {
            e.string(&self.cluster_id);
        } else if !self.cluster_id.is_empty() {
            e.cannot_carry("cluster_id");
        }
        e.int32(self.leader_id);
        e.int32(self.leader_epoch);
        e.int32(self.voted_id);
        if version >= 1 {
            e.uuid(self.voted_directory_id);
        } else if !self.voted_directory_id.is_zero() {
            e.cannot_carry("voted_directory_id");
        }
        if version == 0 {
            e.int64(self.applied_offset);
        } else if self.applied_offset != 0 {
            e.cannot_carry("applied_offset");
        }
        if version == 0 {
            e.nullable_array(self.current_voters.as_deref(), version);
        } else if self.current_voters.as_ref().is_none_or(|it| !it.is_empty()) {
            e.cannot_carry("current_voters");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    pub voter_id: i32,
}

impl Fields for Voter {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            voter_id: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.voter_id);
        e.no_tags();
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
