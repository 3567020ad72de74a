//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindCoordinatorRequest {
    /// Versions 0-3.
    pub key: Arc<str>,
    /// Versions 1+.
    pub key_type: i8,
    /// Versions 4+.
    pub coordinator_keys: Vec<Arc<str>>,
}

impl Fields for FindCoordinatorRequest {
    const MIN_SIZE: usize = 0;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            key: if version <= 3 {
                d.string()?
            } else {
                Arc::default()
            },
            key_type: if version >= 1 { d.int8()? } else { 0 },
            coordinator_keys: if version >= 4 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version <= 3 {
            e.string(&self.key);
        } else if !self.key.is_empty() {
            e.cannot_carry("key");
        }
        if version >= 1 {
            e.int8(self.key_type);
        } else if self.key_type != 0 {
            e.cannot_carry("key_type");
        }
        if version >= 4 {
            e.array(&self.coordinator_keys, version);
        } else if !self.coordinator_keys.is_empty() {
            e.cannot_carry("coordinator_keys");
        }
        e.no_tags();
    }
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 6);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}

impl Request for FindCoordinatorRequest {
    const KEY: ApiKey = ApiKey::FindCoordinator;
    type Response = crate::messages::find_coordinator_response::FindCoordinatorResponse;
}
