//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    pub offset: i64,
    /// Versions 3+.
    pub leader_epoch: i32,
    pub metadata: Arc<str>,
    pub commit_timestamp: i64,
    /// Version 1.
    pub expire_timestamp: i64,
    /// Versions 4+.
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: 0,
            leader_epoch: -1,
            metadata: Arc::default(),
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        }
    }
}

impl Fields for OffsetCommitValue {
    const MIN_SIZE: usize = 17;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            offset: d.int64()?,
            leader_epoch: if version >= 3 { d.int32()? } else { -1 },
            metadata: d.string()?,
            commit_timestamp: d.int64()?,
            expire_timestamp: if version == 1 { d.int64()? } else { -1 },
            topic_id: Uuid::ZERO,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 4 => it.topic_id = d.uuid()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int64(self.offset);
        if version >= 3 {
            e.int32(self.leader_epoch);
        }
        e.string(&self.metadata);
        e.int64(self.commit_timestamp);
        if version == 1 {
            e.int64(self.expire_timestamp);
        }
        let tags = e.open_tags();
        if version >= 4 && !self.topic_id.is_zero() {
            e.tag(tags, 0, |e| {
                e.uuid(self.topic_id);
            });
        }
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Typed for OffsetCommitValue {
    const TYPE: i16 = 1;
}
