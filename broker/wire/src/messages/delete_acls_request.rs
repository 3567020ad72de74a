//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteAclsRequest {
    pub filters: Vec<DeleteAclsFilter>,
}

impl Fields for DeleteAclsRequest {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            filters: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.filters, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilter {
    pub resource_type_filter: i8,
    pub resource_name_filter: Option<Arc<str>>,
    pub pattern_type_filter: i8,
    pub principal_filter: Option<Arc<str>>,
    pub host_filter: Option<Arc<str>>,
    pub operation: i8,
    pub permission_type: i8,
}

impl Default for DeleteAclsFilter {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(Arc::default()),
            pattern_type_filter: 3,
            principal_filter: Some(Arc::default()),
            host_filter: Some(Arc::default()),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl Fields for DeleteAclsFilter {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resource_type_filter: d.int8()?,
            resource_name_filter: d.nullable_string()?,
            pattern_type_filter: d.int8()?,
            principal_filter: d.nullable_string()?,
            host_filter: d.nullable_string()?,
            operation: d.int8()?,
            permission_type: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int8(self.resource_type_filter);
        e.nullable_string(self.resource_name_filter.as_deref());
        e.int8(self.pattern_type_filter);
        e.nullable_string(self.principal_filter.as_deref());
        e.nullable_string(self.host_filter.as_deref());
        e.int8(self.operation);
        e.int8(self.permission_type);
        e.no_tags();
    }
}

impl Message for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAclsRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for DeleteAclsRequest {
    const KEY: ApiKey = ApiKey::DeleteAcls;
    type Response = crate::messages::delete_acls_response::DeleteAclsResponse;
}
