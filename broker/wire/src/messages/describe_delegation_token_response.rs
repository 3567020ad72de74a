//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenResponse {
    pub error_code: i16,
    pub tokens: Vec<DescribedDelegationToken>,
    pub throttle_time_ms: i32,
}

impl Fields for DescribeDelegationTokenResponse {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            tokens: d.array(version)?,
            throttle_time_ms: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.array(&self.tokens, version);
        e.int32(self.throttle_time_ms);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationToken {
    pub principal_type: Arc<str>,
    pub principal_name: Arc<str>,
    /// Versions 3+.
    pub token_requester_principal_type: Arc<str>,
    /// Versions 3+.
    pub token_requester_principal_name: Arc<str>,
    pub issue_timestamp: i64,
    pub expiry_timestamp: i64,
    pub max_timestamp: i64,
    pub token_id: Arc<str>,
    pub hmac: Bytes,
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

impl Fields for DescribedDelegationToken {
    const MIN_SIZE: usize = 29;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
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
            issue_timestamp: d.int64()?,
            expiry_timestamp: d.int64()?,
            max_timestamp: d.int64()?,
            token_id: d.string()?,
            hmac: d.bytes()?,
            renewers: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
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
        e.int64(self.issue_timestamp);
        e.int64(self.expiry_timestamp);
        e.int64(self.max_timestamp);
        e.string(&self.token_id);
        e.bytes(&self.hmac);
        e.array(&self.renewers, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationTokenRenewer {
    pub principal_type: Arc<str>,
    pub principal_name: Arc<str>,
}

impl Fields for DescribedDelegationTokenRenewer {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            principal_type: d.string()?,
            principal_name: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.principal_type);
        e.string(&self.principal_name);
        e.no_tags();
    }
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}
