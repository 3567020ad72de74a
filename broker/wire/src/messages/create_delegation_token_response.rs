//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateDelegationTokenResponse {
    pub error_code: i16,
    pub principal_type: Arc<str>,
    pub principal_name: Arc<str>,
    /// Versions 3+.
    pub token_requester_principal_type: Arc<str>,
    /// Versions 3+.
    pub token_requester_principal_name: Arc<str>,
    pub issue_timestamp_ms: i64,
    pub expiry_timestamp_ms: i64,
    pub max_timestamp_ms: i64,
    pub token_id: Arc<str>,
    pub hmac: Bytes,
    pub throttle_time_ms: i32,
}

impl Fields for CreateDelegationTokenResponse {
    const MIN_SIZE: usize = 34;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            principal_type: d.string()?,
            principal_name: d.string()?,
            token_requester_principal_type: if version >= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            token_requester_principal_name: if version >= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            issue_timestamp_ms: d.int64()?,
            expiry_timestamp_ms: d.int64()?,
            max_timestamp_ms: d.int64()?,
            token_id: d.string()?,
            hmac: d.bytes()?,
            throttle_time_ms: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.string(&self.principal_type);
        e.string(&self.principal_name);
        if version >= 3 {
            e.string(&self.token_requester_principal_type);
        } else if !self.token_requester_principal_type.is_empty() {
            e.cannot_carry("token_requester_principal_type");
        }
        if version >= 3 {
            e.string(&self.token_requester_principal_name);
        } else if !self.token_requester_principal_name.is_empty() {
            e.cannot_carry("token_requester_principal_name");
        }
        e.int64(self.issue_timestamp_ms);
        e.int64(self.expiry_timestamp_ms);
        e.int64(self.max_timestamp_ms);
        e.string(&self.token_id);
        e.bytes(&self.hmac);
        e.int32(self.throttle_time_ms);
        e.no_tags();
    }
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}
