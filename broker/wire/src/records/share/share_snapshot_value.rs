//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ShareSnapshotValue {
    pub snapshot_epoch: i32,
    pub state_epoch: i32,
    pub leader_epoch: i32,
    pub start_offset: i64,
    pub delivery_complete_count: i32,
    pub create_timestamp: i64,
    pub write_timestamp: i64,
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareSnapshotValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            create_timestamp: 0,
            write_timestamp: 0,
            state_batches: Vec::new(),
        }
    }
}

impl Fields for ShareSnapshotValue {
    const MIN_SIZE: usize = 38;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            snapshot_epoch: d.int32()?,
            state_epoch: d.int32()?,
            leader_epoch: d.int32()?,
            start_offset: d.int64()?,
            delivery_complete_count: -1,
            create_timestamp: d.int64()?,
            write_timestamp: d.int64()?,
            state_batches: d.array(version)?,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.delivery_complete_count = d.int32()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.snapshot_epoch);
        e.int32(self.state_epoch);
        e.int32(self.leader_epoch);
        e.int64(self.start_offset);
        e.int64(self.create_timestamp);
        e.int64(self.write_timestamp);
        e.array(&self.state_batches, version);
        let tags = e.open_tags();
        if self.delivery_complete_count != -1 {
            e.tag(tags, 0, |e| {
                e.int32(self.delivery_complete_count);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateBatch {
    pub first_offset: i64,
    pub last_offset: i64,
    pub delivery_state: i8,
    pub delivery_count: i16,
}

impl Fields for StateBatch {
    const MIN_SIZE: usize = 20;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            first_offset: d.int64()?,
            last_offset: d.int64()?,
            delivery_state: d.int8()?,
            delivery_count: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int64(self.first_offset);
        e.int64(self.last_offset);
        e.int8(self.delivery_state);
        e.int16(self.delivery_count);
        e.no_tags();
    }
}

impl Message for ShareSnapshotValue {
    const NAME: &'static str = "ShareSnapshotValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for ShareSnapshotValue {
    const TYPE: i16 = 0;
}
