//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbortTransactionRecord {
    pub reason: Option<Arc<str>>,
}

impl Fields for AbortTransactionRecord {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let mut it = Self { reason: None };
        d.tags(|d, tag| {
            match tag {
                0 => it.reason = d.nullable_string()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        let tags = e.open_tags();
        if self.reason.is_some() {
            e.tag(tags, 0, |e| {
                e.nullable_string(self.reason.as_deref());
            });
        }
    }
}

impl Message for AbortTransactionRecord {
    const NAME: &'static str = "AbortTransactionRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for AbortTransactionRecord {
    const TYPE: i16 = 25;
}
