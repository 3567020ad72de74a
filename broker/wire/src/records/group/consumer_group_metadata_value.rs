//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl Fields for ConsumerGroupMetadataValue {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            epoch: d.int32()?,
            metadata_hash: 0,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.metadata_hash = d.int64()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.epoch);
        let tags = e.open_tags();
        if self.metadata_hash != 0 {
            e.tag(tags, 0, |e| {
                e.int64(self.metadata_hash);
            });
        }
    }
}

impl Message for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ConsumerGroupMetadataValue {
    const TYPE: i16 = 3;
}
