//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// Versions 3+.
    pub throttle_time_ms: i32,
    pub brokers: Vec<MetadataResponseBroker>,
    /// Versions 2+.
    pub cluster_id: Option<Arc<str>>,
    /// Versions 1+.
    pub controller_id: i32,
    pub topics: Vec<MetadataResponseTopic>,
    /// Versions 8-10.
    pub cluster_authorized_operations: i32,
    /// Versions 13+.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: 0,
        }
    }
}

impl Fields for MetadataResponse {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: if version >= 3 { d.int32()? } else { 0 },
            brokers: d.array(version)?,
            cluster_id: if version >= 2 {
                d.nullable_string()?
            } else {
                None
            },
            controller_id: if version >= 1 { d.int32()? } else { -1 },
            topics: d.array(version)?,
            cluster_authorized_operations: if (8..=10).contains(&version) {
                d.int32()?
            } else {
                i32::MIN
            },
            error_code: if version >= 13 { d.int16()? } else { 0 },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        if version >= 3 {
            e.int32(self.throttle_time_ms);
        }
        e.array(&self.brokers, version);
        if version >= 2 {
            e.nullable_string(self.cluster_id.as_deref());
        }
        if version >= 1 {
            e.int32(self.controller_id);
        }
        e.array(&self.topics, version);
        if (8..=10).contains(&version) {
            e.int32(self.cluster_authorized_operations);
        } else if self.cluster_authorized_operations != i32::MIN {
            e.cannot_carry("cluster_authorized_operations");
        }
        if version >= 13 {
            e.int16(self.error_code);
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataResponseBroker {
    pub node_id: i32,
    pub host: Arc<str>,
    pub port: i32,
    /// Versions 1+.
    pub rack: Option<Arc<str>>,
}

impl Fields for MetadataResponseBroker {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            node_id: d.int32()?,
            host: d.string()?,
            port: d.int32()?,
            rack: if version >= 1 {
                d.nullable_string()?
            } else {
                None
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.node_id);
        e.string(&self.host);
        e.int32(self.port);
        if version >= 1 {
            e.nullable_string(self.rack.as_deref());
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    pub error_code: i16,
    pub name: Option<Arc<str>>,
    /// Versions 10+.
    pub topic_id: Uuid,
    /// Versions 1+.
    pub is_internal: bool,
    pub partitions: Vec<MetadataResponsePartition>,
    /// Versions 8+.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
    fn default() -> Self {
        Self {
            error_code: 0,
            name: Some(Arc::default()),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl Fields for MetadataResponseTopic {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            name: if version >= 12 {
                d.nullable_string()?
            } else {
                Some(d.string()?)
            },
            topic_id: if version >= 10 { d.uuid()? } else { Uuid::ZERO },
            is_internal: if version >= 1 { d.bool()? } else { false },
            partitions: d.array(version)?,
            topic_authorized_operations: if version >= 8 { d.int32()? } else { i32::MIN },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        if version >= 12 {
            e.nullable_string(self.name.as_deref());
        } else if let Some(it) = &self.name {
            e.string(it);
        } else {
            e.cannot_be_null("name");
        }
        if version >= 10 {
            e.uuid(self.topic_id);
        }
        if version >= 1 {
            e.bool(self.is_internal);
        }
        e.array(&self.partitions, version);
        if version >= 8 {
            e.int32(self.topic_authorized_operations);
        } else if self.topic_authorized_operations != i32::MIN {
            e.cannot_carry("topic_authorized_operations");
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    pub error_code: i16,
    pub partition_index: i32,
    pub leader_id: i32,
    /// Versions 7+.
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    /// Versions 5+.
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
        }
    }
}

impl Fields for MetadataResponsePartition {
    const MIN_SIZE: usize = 12;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            partition_index: d.int32()?,
            leader_id: d.int32()?,
            leader_epoch: if version >= 7 { d.int32()? } else { -1 },
            replica_nodes: d.array(version)?,
            isr_nodes: d.array(version)?,
            offline_replicas: if version >= 5 {
                d.array(version)?
            } else {
                Vec::new()
            },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.int32(self.partition_index);
        e.int32(self.leader_id);
        if version >= 7 {
            e.int32(self.leader_epoch);
        }
        e.array(&self.replica_nodes, version);
        e.array(&self.isr_nodes, version);
        if version >= 5 {
            e.array(&self.offline_replicas, version);
        }
        e.no_tags();
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 13);
    const FLEXIBLE_FROM: Option<i16> = Some(9);
}
