//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerSnapshot {
    pub crc: u32,
    pub producer_entries: Vec<ProducerEntry>,
}

impl Fields for ProducerSnapshot {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            crc: d.uint32()?,
            producer_entries: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.uint32(self.crc);
        e.array(&self.producer_entries, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerEntry {
    pub producer_id: i64,
    pub epoch: i16,
    pub last_sequence: i32,
    pub last_offset: i64,
    pub offset_delta: i32,
    pub timestamp: i64,
    pub coordinator_epoch: i32,
    pub current_txn_first_offset: i64,
}

impl Fields for ProducerEntry {
    const MIN_SIZE: usize = 46;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            producer_id: d.int64()?,
            epoch: d.int16()?,
            last_sequence: d.int32()?,
            last_offset: d.int64()?,
            offset_delta: d.int32()?,
            timestamp: d.int64()?,
            coordinator_epoch: d.int32()?,
            current_txn_first_offset: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int64(self.producer_id);
        e.int16(self.epoch);
        e.int32(self.last_sequence);
        e.int64(self.last_offset);
        e.int32(self.offset_delta);
        e.int64(self.timestamp);
        e.int32(self.coordinator_epoch);
        e.int64(self.current_txn_first_offset);
        e.no_tags();
    }
}

impl Message for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const VERSIONS: VersionRange = VersionRange::new(1, 1);
    const FLEXIBLE_FROM: Option<i16> = None;
}
