//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use bytes::Bytes;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub subscribed_topic_names: Vec<Arc<str>>,
    pub subscribed_topic_regex: Option<Arc<str>>,
    pub rebalance_timeout_ms: i32,
    pub server_assignor: Option<Arc<str>>,
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Arc::default()),
            rack_id: Some(Arc::default()),
            client_id: Arc::default(),
            client_host: Arc::default(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(Arc::default()),
            rebalance_timeout_ms: -1,
            server_assignor: Some(Arc::default()),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        }
    }
}

impl Fields for ConsumerGroupMemberMetadataValue {
    const MIN_SIZE: usize = 12;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            client_id: d.string()?,
            client_host: d.string()?,
            subscribed_topic_names: d.array(version)?,
            subscribed_topic_regex: d.nullable_string()?,
            rebalance_timeout_ms: d.int32()?,
            server_assignor: d.nullable_string()?,
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.classic_member_metadata = d.nullable_tagged_struct(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.array(&self.subscribed_topic_names, version);
        e.nullable_string(self.subscribed_topic_regex.as_deref());
        e.int32(self.rebalance_timeout_ms);
        e.nullable_string(self.server_assignor.as_deref());
        let tags = e.open_tags();
        if self.classic_member_metadata != Some(ClassicMemberMetadata::default()) {
            e.tag(tags, 0, |e| {
                e.nullable_tagged_struct(self.classic_member_metadata.as_ref(), version);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicMemberMetadata {
    pub session_timeout_ms: i32,
    pub supported_protocols: Vec<ClassicProtocol>,
}

impl Fields for ClassicMemberMetadata {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            session_timeout_ms: d.int32()?,
            supported_protocols: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.session_timeout_ms);
        e.array(&self.supported_protocols, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicProtocol {
    pub name: Arc<str>,
    pub metadata: Bytes,
}

impl Fields for ClassicProtocol {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            metadata: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.bytes(&self.metadata);
        e.no_tags();
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ConsumerGroupMemberMetadataValue {
    const TYPE: i16 = 5;
}
