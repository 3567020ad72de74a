//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
    pub validated_topology_epoch: i32,
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
        }
    }
}

impl Fields for StreamsGroupMetadataValue {
    const MIN_SIZE: usize = 13;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            epoch: d.int32()?,
            metadata_hash: d.int64()?,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.validated_topology_epoch = d.int32()?,
                1 => it.last_assignment_configs = d.nullable_array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.epoch);
        e.int64(self.metadata_hash);
        let tags = e.open_tags();
        if self.validated_topology_epoch != -1 {
            e.tag(tags, 0, |e| {
                e.int32(self.validated_topology_epoch);
            });
        }
        if self
            .last_assignment_configs
            .as_ref()
            .is_none_or(|it| !it.is_empty())
        {
            e.tag(tags, 1, |e| {
                e.nullable_array(self.last_assignment_configs.as_deref(), version);
            });
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastAssignmentConfig {
    pub key: Arc<str>,
    pub value: Arc<str>,
}

impl Fields for LastAssignmentConfig {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            key: d.string()?,
            value: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.key);
        e.string(&self.value);
        e.no_tags();
    }
}

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for StreamsGroupMetadataValue {
    const TYPE: i16 = 17;
}
