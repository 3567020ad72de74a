//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub rebalance_timeout_ms: i32,
    pub topology_epoch: i32,
    pub process_id: Arc<str>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Arc::default()),
            rack_id: Some(Arc::default()),
            client_id: Arc::default(),
            client_host: Arc::default(),
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: Arc::default(),
            user_endpoint: None,
            client_tags: Vec::new(),
        }
    }
}

impl Fields for StreamsGroupMemberMetadataValue {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            client_id: d.string()?,
            client_host: d.string()?,
            rebalance_timeout_ms: d.int32()?,
            topology_epoch: d.int32()?,
            process_id: d.string()?,
            user_endpoint: d.nullable_struct(version)?,
            client_tags: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.int32(self.rebalance_timeout_ms);
        e.int32(self.topology_epoch);
        e.string(&self.process_id);
        e.nullable_struct(self.user_endpoint.as_ref(), version);
        e.array(&self.client_tags, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub host: Arc<str>,
    pub port: u16,
}

impl Fields for Endpoint {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            host: d.string()?,
            port: d.uint16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.host);
        e.uint16(self.port);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValue {
    pub key: Arc<str>,
    pub value: Arc<str>,
}

impl Fields for KeyValue {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            key: d.string()?,
            value: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.key);
        e.string(&self.value);
        e.no_tags();
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for StreamsGroupMemberMetadataValue {
    const TYPE: i16 = 19;
}
