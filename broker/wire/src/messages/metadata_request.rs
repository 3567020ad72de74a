//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// Versions 4+.
    pub allow_auto_topic_creation: bool,
    /// Versions 8-10.
    pub include_cluster_authorized_operations: bool,
    /// Versions 8+.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
        }
    }
}

impl Fields for MetadataRequest {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topics: if version >= 1 {
                d.nullable_array(version)?
            } else {
                Some(d.array(version)?)
            },
            allow_auto_topic_creation: if version >= 4 { d.bool()? } else { true },
            include_cluster_authorized_operations: if (8..=10).contains(&version) {
                d.bool()?
            } else {
                false
            },
            include_topic_authorized_operations: if version >= 8 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.nullable_array(self.topics.as_deref(), version);
        } else if let Some(it) = &self.topics {
            e.array(it, version);
        } else {
            e.cannot_be_null("topics");
        }
        if version >= 4 {
            e.bool(self.allow_auto_topic_creation);
        } else if !self.allow_auto_topic_creation {
            e.cannot_carry("allow_auto_topic_creation");
        }
        if (8..=10).contains(&version) {
            e.bool(self.include_cluster_authorized_operations);
        } else if self.include_cluster_authorized_operations {
            e.cannot_carry("include_cluster_authorized_operations");
        }
        if version >= 8 {
            e.bool(self.include_topic_authorized_operations);
        } else if self.include_topic_authorized_operations {
            e.cannot_carry("include_topic_authorized_operations");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    /// Versions 10+.
    pub topic_id: Uuid,
    pub name: Option<Arc<str>>,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self {
            topic_id: Uuid::ZERO,
            name: Some(Arc::default()),
        }
    }
}

impl Fields for MetadataRequestTopic {
    const MIN_SIZE: usize = 1;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_id: if version >= 10 { d.uuid()? } else { Uuid::ZERO },
            name: if version >= 10 {
                d.nullable_string()?
            } else {
                Some(d.string()?)
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 10 {
            e.uuid(self.topic_id);
        }
        if version >= 10 {
            e.nullable_string(self.name.as_deref());
        } else if let Some(it) = &self.name {
            e.string(it);
        } else {
            e.cannot_be_null("name");
        }
        e.no_tags();
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 13);
    const FLEXIBLE_FROM: Option<i16> = Some(9);
}

impl Request for MetadataRequest {
    const KEY: ApiKey = ApiKey::Metadata;
    type Response = crate::messages::metadata_response::MetadataResponse;
}
