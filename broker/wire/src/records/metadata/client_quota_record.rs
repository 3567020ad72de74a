//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotaRecord {
    pub entity: Vec<EntityData>,
    pub key: Arc<str>,
    pub value: f64,
    pub remove: bool,
}

impl Fields for ClientQuotaRecord {
    const MIN_SIZE: usize = 12;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            entity: d.array(version)?,
            key: d.string()?,
            value: d.float64()?,
            remove: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.entity, version);
        e.string(&self.key);
        e.float64(self.value);
        e.bool(self.remove);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct EntityData {
    pub entity_type: Arc<str>,
    pub entity_name: Option<Arc<str>>,
}

impl Default for EntityData {
    fn default() -> Self {
        Self {
            entity_type: Arc::default(),
            entity_name: Some(Arc::default()),
        }
    }
}

impl Fields for EntityData {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            entity_type: d.string()?,
            entity_name: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.entity_type);
        e.nullable_string(self.entity_name.as_deref());
        e.no_tags();
    }
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ClientQuotaRecord {
    const TYPE: i16 = 14;
}
