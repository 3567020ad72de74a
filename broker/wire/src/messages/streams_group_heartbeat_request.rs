//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{ApiKey, DecodeError, Decoder, Encoder, Fields, Message, Request, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatRequest {
    pub group_id: Arc<str>,
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub endpoint_information_epoch: i32,
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub rebalance_timeout_ms: i32,
    pub topology: Option<Topology>,
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    pub process_id: Option<Arc<str>>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Option<Vec<KeyValue>>,
    pub task_offsets: Option<Vec<TaskOffset>>,
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    pub shutdown_application: bool,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Arc::default(),
            member_id: Arc::default(),
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
        }
    }
}

impl Fields for StreamsGroupHeartbeatRequest {
    const MIN_SIZE: usize = 27;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            group_id: d.string()?,
            member_id: d.string()?,
            member_epoch: d.int32()?,
            endpoint_information_epoch: d.int32()?,
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            rebalance_timeout_ms: d.int32()?,
            topology: d.nullable_struct(version)?,
            active_tasks: d.nullable_array(version)?,
            standby_tasks: d.nullable_array(version)?,
            warmup_tasks: d.nullable_array(version)?,
            process_id: d.nullable_string()?,
            user_endpoint: d.nullable_struct(version)?,
            client_tags: d.nullable_array(version)?,
            task_offsets: d.nullable_array(version)?,
            task_end_offsets: d.nullable_array(version)?,
            shutdown_application: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.group_id);
        e.string(&self.member_id);
        e.int32(self.member_epoch);
        e.int32(self.endpoint_information_epoch);
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.int32(self.rebalance_timeout_ms);
        e.nullable_struct(self.topology.as_ref(), version);
        e.nullable_array(self.active_tasks.as_deref(), version);
        e.nullable_array(self.standby_tasks.as_deref(), version);
        e.nullable_array(self.warmup_tasks.as_deref(), version);
        e.nullable_string(self.process_id.as_deref());
        e.nullable_struct(self.user_endpoint.as_ref(), version);
        e.nullable_array(self.client_tags.as_deref(), version);
        e.nullable_array(self.task_offsets.as_deref(), version);
        e.nullable_array(self.task_end_offsets.as_deref(), version);
        e.bool(self.shutdown_application);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

impl Fields for Topology {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            epoch: d.int32()?,
            subtopologies: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.epoch);
        e.array(&self.subtopologies, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    pub subtopology_id: Arc<str>,
    pub source_topics: Vec<Arc<str>>,
    pub source_topic_regex: Vec<Arc<str>>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_sink_topics: Vec<Arc<str>>,
    pub repartition_source_topics: Vec<TopicInfo>,
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Fields for Subtopology {
    const MIN_SIZE: usize = 8;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            subtopology_id: d.string()?,
            source_topics: d.array(version)?,
            source_topic_regex: d.array(version)?,
            state_changelog_topics: d.array(version)?,
            repartition_sink_topics: d.array(version)?,
            repartition_source_topics: d.array(version)?,
            copartition_groups: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.subtopology_id);
        e.array(&self.source_topics, version);
        e.array(&self.source_topic_regex, version);
        e.array(&self.state_changelog_topics, version);
        e.array(&self.repartition_sink_topics, version);
        e.array(&self.repartition_source_topics, version);
        e.array(&self.copartition_groups, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopartitionGroup {
    pub source_topics: Vec<i16>,
    pub source_topic_regex: Vec<i16>,
    pub repartition_source_topics: Vec<i16>,
}

impl Fields for CopartitionGroup {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            source_topics: d.array(version)?,
            source_topic_regex: d.array(version)?,
            repartition_source_topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.source_topics, version);
        e.array(&self.source_topic_regex, version);
        e.array(&self.repartition_source_topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValue {
    pub key: Arc<str>,
    pub value: Arc<str>,
}

impl Fields for KeyValue {
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    pub name: Arc<str>,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<KeyValue>,
}

impl Fields for TopicInfo {
    const MIN_SIZE: usize = 9;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            name: d.string()?,
            partitions: d.int32()?,
            replication_factor: d.int16()?,
            topic_configs: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.name);
        e.int32(self.partitions);
        e.int16(self.replication_factor);
        e.array(&self.topic_configs, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub host: Arc<str>,
    pub port: u16,
}

impl Fields for Endpoint {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            host: d.string()?,
            port: d.uint16()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.host);
        e.uint16(self.port);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskOffset {
    pub subtopology_id: Arc<str>,
    pub partition: i32,
    pub offset: i64,
}

impl Fields for TaskOffset {
    const MIN_SIZE: usize = 14;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            subtopology_id: d.string()?,
            partition: d.int32()?,
            offset: d.int64()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.string(&self.subtopology_id);
        e.int32(self.partition);
        e.int64(self.offset);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: Arc<str>,
    pub partitions: Vec<i32>,
}

impl Fields for TaskIds {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            subtopology_id: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.subtopology_id);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

impl Message for StreamsGroupHeartbeatRequest {
    const NAME: &'static str = "StreamsGroupHeartbeatRequest";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Request for StreamsGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
    type Response =
        crate::messages::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse;
}
