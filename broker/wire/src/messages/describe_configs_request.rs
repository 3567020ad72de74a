//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsRequest {
    pub resources: Vec<DescribeConfigsResource>,
    pub include_synonyms: bool,
    /// Versions 3+.
    pub include_documentation: bool,
}

impl Fields for DescribeConfigsRequest {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resources: d.array(version)?,
            include_synonyms: d.bool()?,
            include_documentation: if version >= 3 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.resources, version);
        e.bool(self.include_synonyms);
        if version >= 3 {
            e.bool(self.include_documentation);
        } else if self.include_documentation {
            e.cannot_carry("include_documentation");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    pub resource_type: i8,
    pub resource_name: Arc<str>,
    pub configuration_keys: Option<Vec<Arc<str>>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Arc::default(),
            configuration_keys: Some(Vec::new()),
        }
    }
}

impl Fields for DescribeConfigsResource {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            resource_type: d.int8()?,
            resource_name: d.string()?,
            configuration_keys: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int8(self.resource_type);
        e.string(&self.resource_name);
        e.nullable_array(self.configuration_keys.as_deref(), version);
        e.no_tags();
    }
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Request for DescribeConfigsRequest {
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    type Response = crate::messages::describe_configs_response::DescribeConfigsResponse;
}
