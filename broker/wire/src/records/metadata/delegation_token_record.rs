//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokenRecord {
    pub owner: Arc<str>,
    pub requester: Arc<str>,
    pub renewers: Vec<Arc<str>>,
    pub issue_timestamp: i64,
    pub max_timestamp: i64,
    pub expiration_timestamp: i64,
    pub token_id: Arc<str>,
}

impl Fields for DelegationTokenRecord {
    const MIN_SIZE: usize = 29;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            owner: d.string()?,
            requester: d.string()?,
            renewers: d.array(version)?,
            issue_timestamp: d.int64()?,
            max_timestamp: d.int64()?,
            expiration_timestamp: d.int64()?,
            token_id: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.owner);
        e.string(&self.requester);
        e.array(&self.renewers, version);
        e.int64(self.issue_timestamp);
        e.int64(self.max_timestamp);
        e.int64(self.expiration_timestamp);
        e.string(&self.token_id);
        e.no_tags();
    }
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for DelegationTokenRecord {
    const TYPE: i16 = 10;
}
