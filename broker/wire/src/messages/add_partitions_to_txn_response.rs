//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResponse {
    pub throttle_time_ms: i32,
    /// Versions 4+.
    pub error_code: i16,
    /// Versions 4+.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// Versions 0-3.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

impl Fields for AddPartitionsToTxnResponse {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: if version >= 4 { d.int16()? } else { 0 },
            results_by_transaction: if version >= 4 {
                d.array(version)?
            } else {
                Vec::new()
            },
            results_by_topic_v3_and_below: if version <= 3 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        if version >= 4 {
            e.int16(self.error_code);
        }
        if version >= 4 {
            e.array(&self.results_by_transaction, version);
        } else if !self.results_by_transaction.is_empty() {
            e.cannot_carry("results_by_transaction");
        }
        if version <= 3 {
            e.array(&self.results_by_topic_v3_and_below, version);
        } else if !self.results_by_topic_v3_and_below.is_empty() {
            e.cannot_carry("results_by_topic_v3_and_below");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResult {
    pub transactional_id: Arc<str>,
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

impl Fields for AddPartitionsToTxnResult {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            transactional_id: d.string()?,
            topic_results: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.transactional_id);
        e.array(&self.topic_results, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopicResult {
    pub name: Arc<str>,
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

impl Fields for AddPartitionsToTxnTopicResult {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            results_by_partition: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.array(&self.results_by_partition, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnPartitionResult {
    pub partition_index: i32,
    pub partition_error_code: i16,
}

impl Fields for AddPartitionsToTxnPartitionResult {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            partition_index: d.int32()?,
            partition_error_code: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int32(self.partition_index);
        e.int16(self.partition_error_code);
        e.no_tags();
    }
}

impl Message for AddPartitionsToTxnResponse {
    const NAME: &'static str = "AddPartitionsToTxnResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 5);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}
