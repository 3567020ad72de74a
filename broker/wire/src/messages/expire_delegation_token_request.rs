//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use bytes::Bytes;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpireDelegationTokenRequest {
    pub hmac: Bytes,
    pub expiry_time_period_ms: i64,
}

impl Fields for ExpireDelegationTokenRequest {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            hmac: d.bytes()?,
            expiry_time_period_ms: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.bytes(&self.hmac);
        e.int64(self.expiry_time_period_ms);
        e.no_tags();
    }
}

impl Message for ExpireDelegationTokenRequest {
    const NAME: &'static str = "ExpireDelegationTokenRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for ExpireDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::ExpireDelegationToken;
    type Response =
        crate::messages::expire_delegation_token_response::ExpireDelegationTokenResponse;
}
