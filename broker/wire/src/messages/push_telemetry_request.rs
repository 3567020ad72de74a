//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use bytes::Bytes;
use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PushTelemetryRequest {
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub terminating: bool,
    pub compression_type: i8,
    pub metrics: Bytes,
}

impl Fields for PushTelemetryRequest {
    const MIN_SIZE: usize = 24;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            client_instance_id: d.uuid()?,
            subscription_id: d.int32()?,
            terminating: d.bool()?,
            compression_type: d.int8()?,
            metrics: d.bytes()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.uuid(self.client_instance_id);
        e.int32(self.subscription_id);
        e.bool(self.terminating);
        e.int8(self.compression_type);
        e.bytes(&self.metrics);
        e.no_tags();
    }
}

impl Message for PushTelemetryRequest {
    const NAME: &'static str = "PushTelemetryRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for PushTelemetryRequest {
    const KEY: ApiKey = ApiKey::PushTelemetry;
    type Response = crate::messages::push_telemetry_response::PushTelemetryResponse;
}
