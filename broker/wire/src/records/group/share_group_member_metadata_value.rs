//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMemberMetadataValue {
    pub rack_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub subscribed_topic_names: Vec<Arc<str>>,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            rack_id: Some(Arc::default()),
            client_id: Arc::default(),
            client_host: Arc::default(),
            subscribed_topic_names: Vec::new(),
        }
    }
}

impl Fields for ShareGroupMemberMetadataValue {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            rack_id: d.nullable_string()?,
            client_id: d.string()?,
            client_host: d.string()?,
            subscribed_topic_names: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.nullable_string(self.rack_id.as_deref());
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.array(&self.subscribed_topic_names, version);
        e.no_tags();
    }
}

impl Message for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ShareGroupMemberMetadataValue {
    const TYPE: i16 = 10;
}
