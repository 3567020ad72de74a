//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    pub broker_id: i32,
    /// Versions 2+.
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    pub rack: Option<Arc<str>>,
    pub fenced: bool,
    /// Versions 1+.
    pub in_controlled_shutdown: bool,
    /// Versions 3+.
    pub log_dirs: Vec<Uuid>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: Uuid::ZERO,
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(Arc::default()),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
        }
    }
}

impl Fields for RegisterBrokerRecord {
    const MIN_SIZE: usize = 33;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            broker_id: d.int32()?,
            is_migrating_zk_broker: if version >= 2 { d.bool()? } else { false },
            incarnation_id: d.uuid()?,
            broker_epoch: d.int64()?,
            end_points: d.array(version)?,
            features: d.array(version)?,
            rack: d.nullable_string()?,
            fenced: d.bool()?,
            in_controlled_shutdown: if version >= 1 { d.bool()? } else { false },
            log_dirs: Vec::new(),
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 3 => it.log_dirs = d.array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.broker_id);
        if version >= 2 {
            e.bool(self.is_migrating_zk_broker);
        } else if self.is_migrating_zk_broker {
            e.cannot_carry("is_migrating_zk_broker");
        }
        e.uuid(self.incarnation_id);
        e.int64(self.broker_epoch);
        e.array(&self.end_points, version);
        e.array(&self.features, version);
        e.nullable_string(self.rack.as_deref());
        e.bool(self.fenced);
        if version >= 1 {
            e.bool(self.in_controlled_shutdown);
        } else if self.in_controlled_shutdown {
            e.cannot_carry("in_controlled_shutdown");
        }
        let tags = e.open_tags();
        if !self.log_dirs.is_empty() {
            if version >= 3 {
                e.tag(tags, 0, |e| {
                    e.array(&self.log_dirs, version);
                });
            } else {
                e.cannot_carry("log_dirs");
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerEndpoint {
    pub name: Arc<str>,
    pub host: Arc<str>,
    pub port: u16,
    pub security_protocol: i16,
}

impl Fields for BrokerEndpoint {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            host: d.string()?,
            port: d.uint16()?,
            security_protocol: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.string(&self.host);
        e.uint16(self.port);
        e.int16(self.security_protocol);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerFeature {
    pub name: Arc<str>,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Fields for BrokerFeature {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            min_supported_version: d.int16()?,
            max_supported_version: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.int16(self.min_supported_version);
        e.int16(self.max_supported_version);
        e.no_tags();
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 3);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for RegisterBrokerRecord {
    const TYPE: i16 = 0;
}
