//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveAccessControlEntryRecord {
    pub id: Uuid,
}

impl Fields for RemoveAccessControlEntryRecord {
    const MIN_SIZE: usize = 17;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self { id: d.uuid()? };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.uuid(self.id);
        e.no_tags();
    }
}

impl Message for RemoveAccessControlEntryRecord {
    const NAME: &'static str = "RemoveAccessControlEntryRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for RemoveAccessControlEntryRecord {
    const TYPE: i16 = 19;
}
