//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncrementalAlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}

impl Fields for IncrementalAlterConfigsRequest {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resources: d.array(version)?,
            validate_only: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.resources, version);
        e.bool(self.validate_only);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsResource {
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub configs: Vec<AlterableConfig>,
}

impl Fields for AlterConfigsResource {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resource_type: d.int8()?,
            resource_name: d.string()?,
            configs: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.array(&self.configs, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlterableConfig {
    pub name: Arc<str>,
    pub config_operation: i8,
    pub value: Option<Arc<str>>,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self {
            name: Arc::default(),
            config_operation: 0,
            value: Some(Arc::default()),
        }
    }
}

impl Fields for AlterableConfig {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            config_operation: d.int8()?,
            value: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.int8(self.config_operation);
        e.nullable_string(self.value.as_deref());
        e.no_tags();
    }
}

impl Message for IncrementalAlterConfigsRequest {
    const NAME: &'static str = "IncrementalAlterConfigsRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(1);
}

impl Request for IncrementalAlterConfigsRequest {
    const KEY: ApiKey = ApiKey::IncrementalAlterConfigs;
    type Response =
        crate::messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse;
}
