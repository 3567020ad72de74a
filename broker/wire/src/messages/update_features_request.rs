//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// Versions 1+.
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            feature_updates: Vec::new(),
            validate_only: false,
        }
    }
}

impl Fields for UpdateFeaturesRequest {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            timeout_ms: d.int32()?,
            feature_updates: d.array(version)?,
            validate_only: if version >= 1 { d.bool()? } else { false },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.timeout_ms);
        e.array(&self.feature_updates, version);
        if version >= 1 {
            e.bool(self.validate_only);
        } else if self.validate_only {
            e.cannot_carry("validate_only");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    pub feature: Arc<str>,
    pub max_version_level: i16,
    /// Version 0.
    pub allow_downgrade: bool,
    /// Versions 1+.
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self {
            feature: Arc::default(),
            max_version_level: 0,
            allow_downgrade: false,
            upgrade_type: 1,
        }
    }
}

impl Fields for FeatureUpdateKey {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            feature: d.string()?,
            max_version_level: d.int16()?,
            allow_downgrade: if version == 0 { d.bool()? } else { false },
            upgrade_type: if version >= 1 { d.int8()? } else { 1 },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.feature);
        e.int16(self.max_version_level);
        if version == 0 {
            e.bool(self.allow_downgrade);
        } else if self.allow_downgrade {
            e.cannot_carry("allow_downgrade");
        }
        if version >= 1 {
            e.int8(self.upgrade_type);
        } else if self.upgrade_type != 1 {
            e.cannot_carry("upgrade_type");
        }
        e.no_tags();
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for UpdateFeaturesRequest {
    const KEY: ApiKey = ApiKey::UpdateFeatures;
    type Response = crate::messages::update_features_response::UpdateFeaturesResponse;
}
