//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationRequest {
    pub broker_id: i32,
    pub cluster_id: Arc<str>,
    pub incarnation_id: Uuid,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
    pub rack: Option<Arc<str>>,
    /// Versions 1+.
    pub is_migrating_zk_broker: bool,
    /// Versions 2+.
    pub log_dirs: Vec<Uuid>,
    /// Versions 3+.
    pub previous_broker_epoch: i64,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            cluster_id: Arc::default(),
            incarnation_id: Uuid::ZERO,
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(Arc::default()),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
        }
    }
}

impl Fields for BrokerRegistrationRequest {
    const MIN_SIZE: usize = 25;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            broker_id: d.int32()?,
            cluster_id: d.string()?,
            incarnation_id: d.uuid()?,
            listeners: d.array(version)?,
            features: d.array(version)?,
            rack: d.nullable_string()?,
            is_migrating_zk_broker: if version >= 1 { d.bool()? } else { false },
            log_dirs: if version >= 2 {
                d.array(version)?
            } else {
                Vec::new()
            },
            previous_broker_epoch: if version >= 3 { d.int64()? } else { -1 },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.broker_id);
        e.string(&self.cluster_id);
        e.uuid(self.incarnation_id);
        e.array(&self.listeners, version);
        e.array(&self.features, version);
        e.nullable_string(self.rack.as_deref());
        if version >= 1 {
            e.bool(self.is_migrating_zk_broker);
        } else if self.is_migrating_zk_broker {
            e.cannot_carry("is_migrating_zk_broker");
        }
        if version >= 2 {
            e.array(&self.log_dirs, version);
        }
        if version >= 3 {
            e.int64(self.previous_broker_epoch);
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listener {
    pub name: Arc<str>,
    pub host: Arc<str>,
    pub port: u16,
    pub security_protocol: i16,
}

impl Fields for Listener {
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
pub struct Feature {
    pub name: Arc<str>,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Fields for Feature {
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

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for BrokerRegistrationRequest {
    const KEY: ApiKey = ApiKey::BrokerRegistration;
    type Response = crate::messages::broker_registration_response::BrokerRegistrationResponse;
}
