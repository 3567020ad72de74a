//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessControlEntryRecord {
    pub id: Uuid,
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub pattern_type: i8,
    pub principal: Arc<str>,
    pub host: Arc<str>,
    pub operation: i8,
    pub permission_type: i8,
}

impl Fields for AccessControlEntryRecord {
    const MIN_SIZE: usize = 24;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            id: d.uuid()?,
            resource_type: d.int8()?,
            resource_name: d.string()?,
            pattern_type: d.int8()?,
            principal: d.string()?,
            host: d.string()?,
            operation: d.int8()?,
            permission_type: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.uuid(self.id);
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.int8(self.pattern_type);
        e.string(&self.principal);
        e.string(&self.host);
        e.int8(self.operation);
        e.int8(self.permission_type);
        e.no_tags();
    }
}

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for AccessControlEntryRecord {
    const TYPE: i16 = 18;
}
