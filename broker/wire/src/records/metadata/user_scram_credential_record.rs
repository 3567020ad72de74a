//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserScramCredentialRecord {
    pub name: Arc<str>,
    pub mechanism: i8,
    pub salt: Bytes,
    pub stored_key: Bytes,
    pub server_key: Bytes,
    pub iterations: i32,
}

impl Fields for UserScramCredentialRecord {
    const MIN_SIZE: usize = 10;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            mechanism: d.int8()?,
            salt: d.bytes()?,
            stored_key: d.bytes()?,
            server_key: d.bytes()?,
            iterations: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.int8(self.mechanism);
        e.bytes(&self.salt);
        e.bytes(&self.stored_key);
        e.bytes(&self.server_key);
        e.int32(self.iterations);
        e.no_tags();
    }
}

impl Message for UserScramCredentialRecord {
    const NAME: &'static str = "UserScramCredentialRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for UserScramCredentialRecord {
    const TYPE: i16 = 11;
}
