//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsRequest {
    /// Versions 6+.
    pub topics: Vec<DeleteTopicState>,
    /// Versions 1-5.
    pub topic_names: Vec<Arc<str>>,
    pub timeout_ms: i32,
}

impl Fields for DeleteTopicsRequest {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topics: if version >= 6 {
                d.array(version)?
            } else {
                Vec::new()
            },
            topic_names: if version <= 5 {
                d.array(version)?
            } else {
                Vec::new()
            },
            timeout_ms: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 6 {
            e.array(&self.topics, version);
        } else if !self.topics.is_empty() {
            e.cannot_carry("topics");
        }
        if version <= 5 {
            e.array(&self.topic_names, version);
        }
        e.int32(self.timeout_ms);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicState {
    pub name: Option<Arc<str>>,
    pub topic_id: Uuid,
}

impl Fields for DeleteTopicState {
    const MIN_SIZE: usize = 18;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.nullable_string()?,
            topic_id: d.uuid()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.nullable_string(self.name.as_deref());
        e.uuid(self.topic_id);
        e.no_tags();
    }
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const VERSIONS: VersionRange = VersionRange::new(1, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(4);
}

impl Request for DeleteTopicsRequest {
    const KEY: ApiKey = ApiKey::DeleteTopics;
    type Response = crate::messages::delete_topics_response::DeleteTopicsResponse;
}
