//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnRequest {
    /// Versions 4+.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// Versions 0-3.
    pub v3_and_below_transactional_id: Arc<str>,
    /// Versions 0-3.
    pub v3_and_below_producer_id: i64,
    /// Versions 0-3.
    pub v3_and_below_producer_epoch: i16,
    /// Versions 0-3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

impl Fields for AddPartitionsToTxnRequest {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactions: if version >= 4 {
                d.array(version)?
            } else {
                Vec::new()
            },
            v3_and_below_transactional_id: if version <= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            v3_and_below_producer_id: if version <= 3 { d.int64()? } else { 0 },
            v3_and_below_producer_epoch: if version <= 3 { d.int16()? } else { 0 },
            v3_and_below_topics: if version <= 3 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 4 {
            e.array(&self.transactions, version);
        } else if !self.transactions.is_empty() {
            e.cannot_carry("transactions");
        }
        if version <= 3 {
            e.string(&self.v3_and_below_transactional_id);
        } else if !self.v3_and_below_transactional_id.is_empty() {
            e.cannot_carry("v3_and_below_transactional_id");
        }
        if version <= 3 {
            e.int64(self.v3_and_below_producer_id);
        } else if self.v3_and_below_producer_id != 0 {
            e.cannot_carry("v3_and_below_producer_id");
        }
        if version <= 3 {
            e.int16(self.v3_and_below_producer_epoch);
        } else if self.v3_and_below_producer_epoch != 0 {
            e.cannot_carry("v3_and_below_producer_epoch");
        }
        if version <= 3 {
            e.array(&self.v3_and_below_topics, version);
        } else if !self.v3_and_below_topics.is_empty() {
            e.cannot_carry("v3_and_below_topics");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTransaction {
    pub transactional_id: Arc<str>,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub verify_only: bool,
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

impl Fields for AddPartitionsToTxnTransaction {
    const MIN_SIZE: usize = 14;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactional_id: d.string()?,
            producer_id: d.int64()?,
            producer_epoch: d.int16()?,
            verify_only: d.bool()?,
            topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.transactional_id);
        e.int64(self.producer_id);
        e.int16(self.producer_epoch);
        e.bool(self.verify_only);
        e.array(&self.topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopic {
    pub name: Arc<str>,
    pub partitions: Vec<i32>,
}

impl Fields for AddPartitionsToTxnTopic {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}

impl Request for AddPartitionsToTxnRequest {
    const KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    type Response = crate::messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse;
}
