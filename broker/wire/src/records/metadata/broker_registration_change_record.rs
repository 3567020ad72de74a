//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub fenced: i8,
    /// Versions 1+.
    pub in_controlled_shutdown: i8,
    /// Versions 2+.
    pub log_dirs: Vec<Uuid>,
}

impl Fields for BrokerRegistrationChangeRecord {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            broker_id: d.int32()?,
            broker_epoch: d.int64()?,
            fenced: 0,
            in_controlled_shutdown: 0,
            log_dirs: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.fenced = d.int8()?,
                1 if version >= 1 => it.in_controlled_shutdown = d.int8()?,
                2 if version >= 2 => it.log_dirs = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.broker_id);
        e.int64(self.broker_epoch);
        let tags = e.open_tags();
        if self.fenced != 0 {
            e.tag(tags, 0, |e| {
                e.int8(self.fenced);
            });
        }
        if self.in_controlled_shutdown != 0 {
            if version >= 1 {
                e.tag(tags, 1, |e| {
                    e.int8(self.in_controlled_shutdown);
                });
            } else {
                e.cannot_carry("in_controlled_shutdown");
            }
        }
        if !self.log_dirs.is_empty() {
            if version >= 2 {
                e.tag(tags, 2, |e| {
                    e.array(&self.log_dirs, version);
                });
            } else {
                e.cannot_carry("log_dirs");
            }
        }
    }
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for BrokerRegistrationChangeRecord {
    const TYPE: i16 = 17;
}
