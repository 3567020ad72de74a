//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateAclsRequest {
    pub creations: Vec<AclCreation>,
}

impl Fields for CreateAclsRequest {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            creations: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.creations, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct AclCreation {
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub resource_pattern_type: i8,
    pub principal: Arc<str>,
    pub host: Arc<str>,
    pub operation: i8,
    pub permission_type: i8,
}

impl Default for AclCreation {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Arc::default(),
            resource_pattern_type: 3,
            principal: Arc::default(),
            host: Arc::default(),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl Fields for AclCreation {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resource_type: d.int8()?,
            resource_name: d.string()?,
            resource_pattern_type: d.int8()?,
            principal: d.string()?,
            host: d.string()?,
            operation: d.int8()?,
            permission_type: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.int8(self.resource_pattern_type);
        e.string(&self.principal);
        e.string(&self.host);
        e.int8(self.operation);
        e.int8(self.permission_type);
        e.no_tags();
    }
}

impl Message for CreateAclsRequest {
    const NAME: &'static str = "CreateAclsRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for CreateAclsRequest {
    const KEY: ApiKey = ApiKey::CreateAcls;
    type Response = crate::messages::create_acls_response::CreateAclsResponse;
}
