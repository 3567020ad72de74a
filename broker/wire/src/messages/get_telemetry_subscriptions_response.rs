//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetTelemetrySubscriptionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub accepted_compression_types: Vec<i8>,
    pub push_interval_ms: i32,
    pub telemetry_max_bytes: i32,
    pub delta_temporality: bool,
    pub requested_metrics: Vec<Arc<str>>,
}

impl Fields for GetTelemetrySubscriptionsResponse {
    const MIN_SIZE: usize = 38;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            client_instance_id: d.uuid()?,
            subscription_id: d.int32()?,
            accepted_compression_types: d.array(version)?,
            push_interval_ms: d.int32()?,
            telemetry_max_bytes: d.int32()?,
            delta_temporality: d.bool()?,
            requested_metrics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.uuid(self.client_instance_id);
        e.int32(self.subscription_id);
        e.array(&self.accepted_compression_types, version);
        e.int32(self.push_interval_ms);
        e.int32(self.telemetry_max_bytes);
        e.bool(self.delta_temporality);
        e.array(&self.requested_metrics, version);
        e.no_tags();
    }
}

impl Message for GetTelemetrySubscriptionsResponse {
    const NAME: &'static str = "GetTelemetrySubscriptionsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
