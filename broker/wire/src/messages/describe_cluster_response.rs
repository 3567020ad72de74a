//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    /// Versions 1+.
    pub endpoint_type: i8,
    pub cluster_id: Arc<str>,
    pub controller_id: i32,
    pub brokers: Vec<DescribeClusterBroker>,
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: Arc::default(),
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl Fields for DescribeClusterResponse {
    const MIN_SIZE: usize = 18;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            endpoint_type: if version >= 1 { d.int8()? } else { 1 },
            cluster_id: d.string()?,
            controller_id: d.int32()?,
            brokers: d.array(version)?,
            cluster_authorized_operations: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        if version >= 1 {
            e.int8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            e.cannot_carry("endpoint_type");
        }
        e.string(&self.cluster_id);
        e.int32(self.controller_id);
        e.array(&self.brokers, version);
        e.int32(self.cluster_authorized_operations);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClusterBroker {
    pub broker_id: i32,
    pub host: Arc<str>,
    pub port: i32,
    pub rack: Option<Arc<str>>,
    /// Versions 2+.
    pub is_fenced: bool,
}

impl Fields for DescribeClusterBroker {
    const MIN_SIZE: usize = 11;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            broker_id: d.int32()?,
            host: d.string()?,
            port: d.int32()?,
            rack: d.nullable_string()?,
            is_fenced: if version >= 2 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.broker_id);
        e.string(&self.host);
        e.int32(self.port);
        e.nullable_string(self.rack.as_deref());
        if version >= 2 {
            e.bool(self.is_fenced);
        } else if self.is_fenced {
            e.cannot_carry("is_fenced");
        }
        e.no_tags();
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
