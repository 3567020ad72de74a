//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClientQuotasRequest {
    pub components: Vec<ComponentData>,
    pub strict: bool,
}

impl Fields for DescribeClientQuotasRequest {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            components: d.array(version)?,
            strict: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.components, version);
        e.bool(self.strict);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ComponentData {
    pub entity_type: Arc<str>,
    pub match_type: i8,
    pub r#match: Option<Arc<str>>,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self {
            entity_type: Arc::default(),
            match_type: 0,
            r#match: Some(Arc::default()),
        }
    }
}

impl Fields for ComponentData {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            entity_type: d.string()?,
            match_type: d.int8()?,
            r#match: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.entity_type);
        e.int8(self.match_type);
        e.nullable_string(self.r#match.as_deref());
        e.no_tags();
    }
}

impl Message for DescribeClientQuotasRequest {
    const NAME: &'static str = "DescribeClientQuotasRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(1);
}

impl Request for DescribeClientQuotasRequest {
    const KEY: ApiKey = ApiKey::DescribeClientQuotas;
    type Response = crate::messages::describe_client_quotas_response::DescribeClientQuotasResponse;
}
