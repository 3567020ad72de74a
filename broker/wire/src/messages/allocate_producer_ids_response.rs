//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AllocateProducerIdsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub producer_id_start: i64,
    pub producer_id_len: i32,
}

impl Fields for AllocateProducerIdsResponse {
    const MIN_SIZE: usize = 19;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            producer_id_start: d.int64()?,
            producer_id_len: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.int64(self.producer_id_start);
        e.int32(self.producer_id_len);
        e.no_tags();
    }
}

impl Message for AllocateProducerIdsResponse {
    const NAME: &'static str = "AllocateProducerIdsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
