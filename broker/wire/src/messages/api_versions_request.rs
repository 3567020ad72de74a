//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersionsRequest {
    /// Versions 3+.
    pub client_software_name: Arc<str>,
    /// Versions 3+.
    pub client_software_version: Arc<str>,
}

impl Fields for ApiVersionsRequest {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            client_software_name: if version >= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            client_software_version: if version >= 3 {
                d.string()?
            } else {
                Arc::default()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 3 {
            e.string(&self.client_software_name);
        }
        if version >= 3 {
            e.string(&self.client_software_version);
        }
        e.no_tags();
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}

impl Request for ApiVersionsRequest {
    const KEY: ApiKey = ApiKey::ApiVersions;
    type Response = crate::messages::api_versions_response::ApiVersionsResponse;
}
