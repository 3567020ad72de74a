//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub name: Arc<str>,
    pub value: Option<Arc<str>>,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Arc::default(),
            name: Arc::default(),
            value: Some(Arc::default()),
        }
    }
}

impl Fields for ConfigRecord {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resource_type: d.int8()?,
            resource_name: d.string()?,
            name: d.string()?,
            value: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.string(&self.name);
        e.nullable_string(self.value.as_deref());
        e.no_tags();
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ConfigRecord {
    const TYPE: i16 = 4;
}
