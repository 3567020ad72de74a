//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegisterControllerRecord {
    pub controller_id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub end_points: Vec<ControllerEndpoint>,
    pub features: Vec<ControllerFeature>,
}

impl Fields for RegisterControllerRecord {
    const MIN_SIZE: usize = 24;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            controller_id: d.int32()?,
            incarnation_id: d.uuid()?,
            zk_migration_ready: d.bool()?,
            end_points: d.array(version)?,
            features: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.controller_id);
        e.uuid(self.incarnation_id);
        e.bool(self.zk_migration_ready);
        e.array(&self.end_points, version);
        e.array(&self.features, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControllerEndpoint {
    pub name: Arc<str>,
    pub host: Arc<str>,
    pub port: u16,
    pub security_protocol: i16,
}

impl Fields for ControllerEndpoint {
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
pub struct ControllerFeature {
    pub name: Arc<str>,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Fields for ControllerFeature {
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

impl Message for RegisterControllerRecord {
    const NAME: &'static str = "RegisterControllerRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for RegisterControllerRecord {
    const TYPE: i16 = 27;
}
