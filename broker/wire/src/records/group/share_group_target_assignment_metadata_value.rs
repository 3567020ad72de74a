//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupTargetAssignmentMetadataValue {
    pub assignment_epoch: i32,
}

impl Fields for ShareGroupTargetAssignmentMetadataValue {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            assignment_epoch: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.assignment_epoch);
        e.no_tags();
    }
}

impl Message for ShareGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "ShareGroupTargetAssignmentMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ShareGroupTargetAssignmentMetadataValue {
    const TYPE: i16 = 12;
}
