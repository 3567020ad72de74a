//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeginTransactionRecord {
    pub name: Option<Arc<str>>,
}

impl Fields for BeginTransactionRecord {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let mut it = Self { name: None };
        d.tags(|d, tag| {
            match tag {
                0 => it.name = d.nullable_string()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        let tags = e.open_tags();
        if self.name.is_some() {
            e.tag(tags, 0, |e| {
                e.nullable_string(self.name.as_deref());
            });
        }
    }
}

impl Message for BeginTransactionRecord {
    const NAME: &'static str = "BeginTransactionRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for BeginTransactionRecord {
    const TYPE: i16 = 23;
}
