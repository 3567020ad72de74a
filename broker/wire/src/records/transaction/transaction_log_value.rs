//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogValue {
    pub producer_id: i64,
    /// Versions 1+.
    pub previous_producer_id: i64,
    /// Versions 1+.
    pub next_producer_id: i64,
    pub producer_epoch: i16,
    /// Versions 1+.
    pub next_producer_epoch: i16,
    pub transaction_timeout_ms: i32,
    pub transaction_status: i8,
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    pub transaction_last_update_timestamp_ms: i64,
    pub transaction_start_timestamp_ms: i64,
    /// Versions 1+.
    pub client_transaction_version: i16,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
        }
    }
}

impl Fields for TransactionLogValue {
    const MIN_SIZE: usize = 32;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            producer_id: d.int64()?,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: d.int16()?,
            next_producer_epoch: -1,
            transaction_timeout_ms: d.int32()?,
            transaction_status: d.int8()?,
            transaction_partitions: d.nullable_array(version)?,
            transaction_last_update_timestamp_ms: d.int64()?,
            transaction_start_timestamp_ms: d.int64()?,
            client_transaction_version: 0,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 1 => it.previous_producer_id = d.int64()?,
                1 if version >= 1 => it.next_producer_id = d.int64()?,
                3 if version >= 1 => it.next_producer_epoch = d.int16()?,
                2 if version >= 1 => it.client_transaction_version = d.int16()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int64(self.producer_id);
        e.int16(self.producer_epoch);
        e.int32(self.transaction_timeout_ms);
        e.int8(self.transaction_status);
        e.nullable_array(self.transaction_partitions.as_deref(), version);
        e.int64(self.transaction_last_update_timestamp_ms);
        e.int64(self.transaction_start_timestamp_ms);
        let tags = e.open_tags();
        if self.previous_producer_id != -1 {
            if version >= 1 {
                e.tag(tags, 0, |e| {
                    e.int64(self.previous_producer_id);
                });
            } else {
                e.cannot_carry("previous_producer_id");
            }
        }
        if self.next_producer_id != -1 {
            if version >= 1 {
                e.tag(tags, 1, |e| {
                    e.int64(self.next_producer_id);
                });
            } else {
                e.cannot_carry("next_producer_id");
            }
        }
        if self.client_transaction_version != 0 {
            if version >= 1 {
                e.tag(tags, 2, |e| {
                    e.int16(self.client_transaction_version);
                });
            } else {
                e.cannot_carry("client_transaction_version");
            }
        }
        if self.next_producer_epoch != -1 {
            if version >= 1 {
                e.tag(tags, 3, |e| {
                    e.int16(self.next_producer_epoch);
                });
            } else {
                e.cannot_carry("next_producer_epoch");
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionsSchema {
    pub topic: Arc<str>,
    pub partition_ids: Vec<i32>,
}

impl Fields for PartitionsSchema {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic: d.string()?,
            partition_ids: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.topic);
        e.array(&self.partition_ids, version);
        e.no_tags();
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(1);
}

impl Typed for TransactionLogValue {
    const TYPE: i16 = 0;
}
