//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenRequest {
    /// Versions 3+.
    pub owner_principal_type: Option<Arc<str>>,
    /// Versions 3+.
    pub owner_principal_name: Option<Arc<str>>,
    pub renewers: Vec<CreatableRenewers>,
    pub max_lifetime_ms: i64,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(Arc::default()),
            owner_principal_name: Some(Arc::default()),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
        }
    }
}

impl Fields for CreateDelegationTokenRequest {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            owner_principal_type: if version >= 3 {
                d.nullable_string()?
            } else {
                Some(Arc::default())
            },
            owner_principal_name: if version >= 3 {
                d.nullable_string()?
            } else {
                Some(Arc::default())
            },
            renewers: d.array(version)?,
            max_lifetime_ms: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 3 {
            e.nullable_string(self.owner_principal_type.as_deref());
        } else if self
            .owner_principal_type
            .as_ref()
            .is_none_or(|it| !it.is_empty())
        {
            e.cannot_carry("owner_principal_type");
        }
        if version >= 3 {
            e.nullable_string(self.owner_principal_name.as_deref());
        } else if self
            .owner_principal_name
            .as_ref()
            .is_none_or(|it| !it.is_empty())
        {
            e.cannot_carry("owner_principal_name");
        }
        e.array(&self.renewers, version);
        e.int64(self.max_lifetime_ms);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableRenewers {
    pub principal_type: Arc<str>,
    pub principal_name: Arc<str>,
}

impl Fields for CreatableRenewers {
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

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for CreateDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::CreateDelegationToken;
    type Response =
        crate::messages::create_delegation_token_response::CreateDelegationTokenResponse;
}
