//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    pub transactional_id: Option<Arc<str>>,
    pub transaction_timeout_ms: i32,
    /// Versions 3+.
    pub producer_id: i64,
    /// Versions 3+.
    pub producer_epoch: i16,
    /// Versions 6+.
    pub enable2_pc: bool,
    /// Versions 6+.
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(Arc::default()),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
        }
    }
}

impl Fields for InitProducerIdRequest {
    const MIN_SIZE: usize = 5;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactional_id: d.nullable_string()?,
            transaction_timeout_ms: d.int32()?,
            producer_id: if version >= 3 { d.int64()? } else { -1 },
            producer_epoch: if version >= 3 { d.int16()? } else { -1 },
            enable2_pc: if version >= 6 { d.bool()? } else { false },
            keep_prepared_txn: if version >= 6 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.nullable_string(self.transactional_id.as_deref());
        e.int32(self.transaction_timeout_ms);
        if version >= 3 {
            e.int64(self.producer_id);
        } else if self.producer_id != -1 {
            e.cannot_carry("producer_id");
        }
        if version >= 3 {
            e.int16(self.producer_epoch);
        } else if self.producer_epoch != -1 {
            e.cannot_carry("producer_epoch");
        }
        if version >= 6 {
            e.bool(self.enable2_pc);
        } else if self.enable2_pc {
            e.cannot_carry("enable2_pc");
        }
        if version >= 6 {
            e.bool(self.keep_prepared_txn);
        } else if self.keep_prepared_txn {
            e.cannot_carry("keep_prepared_txn");
        }
        e.no_tags();
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(2);
}

impl Request for InitProducerIdRequest {
    const KEY: ApiKey = ApiKey::InitProducerId;
    type Response = crate::messages::init_producer_id_response::InitProducerIdResponse;
}
