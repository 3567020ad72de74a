//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0-3.
    pub error_code: i16,
    /// Versions 1-3.
    pub error_message: Option<Arc<str>>,
    /// Versions 0-3.
    pub node_id: i32,
    /// Versions 0-3.
    pub host: Arc<str>,
    /// Versions 0-3.
    pub port: i32,
    /// Versions 4+.
    pub coordinators: Vec<Coordinator>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(Arc::default()),
            node_id: 0,
            host: Arc::default(),
            port: 0,
            coordinators: Vec::new(),
        }
    }
}

impl Fields for FindCoordinatorResponse {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            error_code: if version <= 3 { d.int16()? } else { 0 },
            error_message: if (1..=3).contains(&version) {
                d.nullable_string()?
            } else {
                Some(Arc::default())
            },
            node_id: if version <= 3 { d.int32()? } else { 0 },
            host: if version <= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            port: if version <= 3 { d.int32()? } else { 0 },
            coordinators: if version >= 4 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        if version <= 3 {
            e.int16(self.error_code);
        } else if self.error_code != 0 {
            e.cannot_carry("error_code");
        }
        if (1..=3).contains(&version) {
            e.nullable_string(self.error_message.as_deref());
        }
        if version <= 3 {
            e.int32(self.node_id);
        } else if self.node_id != 0 {
            e.cannot_carry("node_id");
        }
        if version <= 3 {
            e.string(&self.host);
        } else if !self.host.is_empty() {
            e.cannot_carry("host");
        }
        if version <= 3 {
            e.int32(self.port);
        } else if self.port != 0 {
            e.cannot_carry("port");
        }
        if version >= 4 {
            e.array(&self.coordinators, version);
        } else if !self.coordinators.is_empty() {
            e.cannot_carry("coordinators");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    pub key: Arc<str>,
    pub node_id: i32,
    pub host: Arc<str>,
    pub port: i32,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: Arc::default(),
            node_id: 0,
            host: Arc::default(),
            port: 0,
            error_code: 0,
            error_message: Some(Arc::default()),
        }
    }
}

impl Fields for Coordinator {
    const MIN_SIZE: usize = 14;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            key: d.string()?,
            node_id: d.int32()?,
            host: d.string()?,
            port: d.int32()?,
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.key);
        e.int32(self.node_id);
        e.string(&self.host);
        e.int32(self.port);
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.no_tags();
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}
