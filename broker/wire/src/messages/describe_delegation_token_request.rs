//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeDelegationTokenRequest {
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owners: Some(Vec::new()),
        }
    }
}

impl Fields for DescribeDelegationTokenRequest {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            owners: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.nullable_array(self.owners.as_deref(), version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenOwner {
    pub principal_type: Arc<str>,
    pub principal_name: Arc<str>,
}

impl Fields for DescribeDelegationTokenOwner {
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

impl Message for DescribeDelegationTokenRequest {
    const NAME: &'static str = "DescribeDelegationTokenRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for DescribeDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::DescribeDelegationToken;
    type Response =
        crate::messages::describe_delegation_token_response::DescribeDelegationTokenResponse;
}
