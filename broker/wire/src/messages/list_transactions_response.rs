//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTransactionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub unknown_state_filters: Vec<Arc<str>>,
    pub transaction_states: Vec<TransactionState>,
}

impl Fields for ListTransactionsResponse {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            unknown_state_filters: d.array(version)?,
            transaction_states: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.array(&self.unknown_state_filters, version);
        e.array(&self.transaction_states, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionState {
    pub transactional_id: Arc<str>,
    pub producer_id: i64,
    pub transaction_state: Arc<str>,
}

impl Fields for TransactionState {
    const MIN_SIZE: usize = 11;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactional_id: d.string()?,
            producer_id: d.int64()?,
            transaction_state: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.transactional_id);
        e.int64(self.producer_id);
        e.string(&self.transaction_state);
        e.no_tags();
    }
}

impl Message for ListTransactionsResponse {
    const NAME: &'static str = "ListTransactionsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
