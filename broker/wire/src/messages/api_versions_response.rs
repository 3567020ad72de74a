//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    pub error_code: i16,
    pub api_keys: Vec<ApiVersion>,
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 3+.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// Versions 3+.
    pub finalized_features_epoch: i64,
    /// Versions 3+.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Versions 3+.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        }
    }
}

impl Fields for ApiVersionsResponse {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            error_code: d.int16()?,
            api_keys: d.array(version)?,
            throttle_time_ms: if version >= 1 { d.int32()? } else { 0 },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        };
        d.tags(|d, tag| {
            match tag {
                0 if version >= 3 => it.supported_features = d.array(version)?,
                1 if version >= 3 => it.finalized_features_epoch = d.int64()?,
                2 if version >= 3 => it.finalized_features = d.array(version)?,
                3 if version >= 3 => it.zk_migration_ready = d.bool()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.array(&self.api_keys, version);
        if version >= 1 {
            e.int32(self.throttle_time_ms);
        }
        let tags = e.open_tags();
        if version >= 3 && !self.supported_features.is_empty() {
            e.tag(tags, 0, |e| {
                e.array(&self.supported_features, version);
            });
        }
        if version >= 3 && self.finalized_features_epoch != -1 {
            e.tag(tags, 1, |e| {
                e.int64(self.finalized_features_epoch);
            });
        }
        if version >= 3 && !self.finalized_features.is_empty() {
            e.tag(tags, 2, |e| {
                e.array(&self.finalized_features, version);
            });
        }
        if version >= 3 && self.zk_migration_ready {
            e.tag(tags, 3, |e| {
                e.bool(self.zk_migration_ready);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersion {
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

impl Fields for ApiVersion {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            api_key: d.int16()?,
            min_version: d.int16()?,
            max_version: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int16(self.api_key);
        e.int16(self.min_version);
        e.int16(self.max_version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupportedFeatureKey {
    pub name: Arc<str>,
    pub min_version: i16,
    pub max_version: i16,
}

impl Fields for SupportedFeatureKey {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            min_version: d.int16()?,
            max_version: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.int16(self.min_version);
        e.int16(self.max_version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FinalizedFeatureKey {
    pub name: Arc<str>,
    pub max_version_level: i16,
    pub min_version_level: i16,
}

impl Fields for FinalizedFeatureKey {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            max_version_level: d.int16()?,
            min_version_level: d.int16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.name);
        e.int16(self.max_version_level);
        e.int16(self.min_version_level);
        e.no_tags();
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 4);
    const FLEXIBLE_FROM: Option<i16> = Some(3);
}
