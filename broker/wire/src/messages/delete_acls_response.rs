//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteAclsResponse {
    pub throttle_time_ms: i32,
    pub filter_results: Vec<DeleteAclsFilterResult>,
}

impl Fields for DeleteAclsResponse {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            filter_results: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.array(&self.filter_results, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilterResult {
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
}

impl Default for DeleteAclsFilterResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Arc::default()),
            matching_acls: Vec::new(),
        }
    }
}

impl Fields for DeleteAclsFilterResult {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            matching_acls: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.array(&self.matching_acls, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsMatchingAcl {
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub pattern_type: i8,
    pub principal: Arc<str>,
    pub host: Arc<str>,
    pub operation: i8,
    pub permission_type: i8,
}

impl Default for DeleteAclsMatchingAcl {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Arc::default()),
            resource_type: 0,
            resource_name: Arc::default(),
            pattern_type: 3,
            principal: Arc::default(),
            host: Arc::default(),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl Fields for DeleteAclsMatchingAcl {
    const MIN_SIZE: usize = 10;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            resource_type: d.int8()?,
            resource_name: d.string()?,
            pattern_type: d.int8()?,
            principal: d.string()?,
            host: d.string()?,
            operation: d.int8()?,
            permission_type: d.int8()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.int8(self.pattern_type);
        e.string(&self.principal);
        e.string(&self.host);
        e.int8(self.operation);
        e.int8(self.permission_type);
        e.no_tags();
    }
}

impl Message for DeleteAclsResponse {
    const NAME: &'static str = "DeleteAclsResponse";
    const VERSIONS: VersionRange = VersionRange::new(1, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}
