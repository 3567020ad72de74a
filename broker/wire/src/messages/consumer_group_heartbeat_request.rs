//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupHeartbeatRequest {
    pub group_id: Arc<str>,
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub rebalance_timeout_ms: i32,
    pub subscribed_topic_names: Option<Vec<Arc<str>>>,
    /// Versions 1+.
    pub subscribed_topic_regex: Option<Arc<str>>,
    pub server_assignor: Option<Arc<str>>,
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            member_id: Arc::default(),
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
        }
    }
}

impl Fields for ConsumerGroupHeartbeatRequest {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            member_id: d.string()?,
            member_epoch: d.int32()?,
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            rebalance_timeout_ms: d.int32()?,
            subscribed_topic_names: d.nullable_array(version)?,
            subscribed_topic_regex: if version >= 1 {
                d.nullable_string()?
            } else {
                None
            },
            server_assignor: d.nullable_string()?,
            topic_partitions: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.string(&self.member_id);
        e.int32(self.member_epoch);
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.int32(self.rebalance_timeout_ms);
        e.nullable_array(self.subscribed_topic_names.as_deref(), version);
        if version >= 1 {
            e.nullable_string(self.subscribed_topic_regex.as_deref());
        } else if self.subscribed_topic_regex.is_some() {
            e.cannot_carry("subscribed_topic_regex");
        }
        e.nullable_string(self.server_assignor.as_deref());
        e.nullable_array(self.topic_partitions.as_deref(), version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl Fields for TopicPartitions {
    const MIN_SIZE: usize = 18;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_id: d.uuid()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.uuid(self.topic_id);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

impl Message for ConsumerGroupHeartbeatRequest {
    const NAME: &'static str = "ConsumerGroupHeartbeatRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for ConsumerGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    type Response =
        crate::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
}
