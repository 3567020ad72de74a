//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitValue {
    pub offset: i64,
    pub metadata: Arc<str>,
    pub commit_timestamp: i64,
}

impl Fields for LegacyOffsetCommitValue {
    const MIN_SIZE: usize = 18;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            offset: d.int64()?,
            metadata: d.string()?,
            commit_timestamp: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int64(self.offset);
        e.string(&self.metadata);
        e.int64(self.commit_timestamp);
        e.no_tags();
    }
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = None;
}

impl Typed for LegacyOffsetCommitValue {
    const TYPE: i16 = 0;
}
