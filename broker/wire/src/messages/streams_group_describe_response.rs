//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Fields for StreamsGroupDescribeResponse {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            groups: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.array(&self.groups, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub group_id: Arc<str>,
    pub group_state: Arc<str>,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub topology: Option<Topology>,
    pub members: Vec<Member>,
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: Arc::default(),
            group_state: Arc::default(),
            group_epoch: 0,
            assignment_epoch: 0,
            topology: None,
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl Fields for DescribedGroup {
    const MIN_SIZE: usize = 20;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            group_id: d.string()?,
            group_state: d.string()?,
            group_epoch: d.int32()?,
            assignment_epoch: d.int32()?,
            topology: d.nullable_struct(version)?,
            members: d.array(version)?,
            authorized_operations: d.int32()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.string(&self.group_id);
        e.string(&self.group_state);
        e.int32(self.group_epoch);
        e.int32(self.assignment_epoch);
        e.nullable_struct(self.topology.as_ref(), version);
        e.array(&self.members, version);
        e.int32(self.authorized_operations);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: Option<Vec<Subtopology>>,
}

impl Fields for Topology {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            epoch: d.int32()?,
            subtopologies: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.epoch);
        e.nullable_array(self.subtopologies.as_deref(), version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    pub subtopology_id: Arc<str>,
    pub source_topics: Vec<Arc<str>>,
    pub repartition_sink_topics: Vec<Arc<str>>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_source_topics: Vec<TopicInfo>,
}

impl Fields for Subtopology {
    const MIN_SIZE: usize = 6;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            subtopology_id: d.string()?,
            source_topics: d.array(version)?,
            repartition_sink_topics: d.array(version)?,
            state_changelog_topics: d.array(version)?,
            repartition_source_topics: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.subtopology_id);
        e.array(&self.source_topics, version);
        e.array(&self.repartition_sink_topics, version);
        e.array(&self.state_changelog_topics, version);
        e.array(&self.repartition_source_topics, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub topology_epoch: i32,
    pub process_id: Arc<str>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
    pub task_offsets: Vec<TaskOffset>,
    pub task_end_offsets: Vec<TaskOffset>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    pub is_classic: bool,
}

impl Fields for Member {
    const MIN_SIZE: usize = 28;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            member_epoch: d.int32()?,
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            client_id: d.string()?,
            client_host: d.string()?,
            topology_epoch: d.int32()?,
            process_id: d.string()?,
            user_endpoint: d.nullable_struct(version)?,
            client_tags: d.array(version)?,
            task_offsets: d.array(version)?,
            task_end_offsets: d.array(version)?,
            assignment: Assignment::read(d, version)?,
            target_assignment: Assignment::read(d, version)?,
            is_classic: d.bool()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        e.int32(self.member_epoch);
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.int32(self.topology_epoch);
        e.string(&self.process_id);
        e.nullable_struct(self.user_endpoint.as_ref(), version);
        e.array(&self.client_tags, version);
        e.array(&self.task_offsets, version);
        e.array(&self.task_end_offsets, version);
        self.assignment.write(e, version);
        self.target_assignment.write(e, version);
        e.bool(self.is_classic);
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
pub struct Assignment {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

impl Fields for Assignment {
    const MIN_SIZE: usize = 4;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            active_tasks: d.array(version)?,
            standby_tasks: d.array(version)?,
            warmup_tasks: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.active_tasks, version);
        e.array(&self.standby_tasks, version);
        e.array(&self.warmup_tasks, version);
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

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
