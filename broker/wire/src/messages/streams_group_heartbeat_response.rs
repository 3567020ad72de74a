//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Arc<str>>,
    pub member_id: Arc<str>,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: i32,
    pub acceptable_recovery_lag: i32,
    pub task_offset_interval_ms: i32,
    pub status: Option<Vec<Status>>,
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    pub endpoint_information_epoch: i32,
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            member_id: Arc::default(),
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag: 0,
            task_offset_interval_ms: 0,
            status: Some(Vec::new()),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            endpoint_information_epoch: 0,
            partitions_by_user_endpoint: None,
        }
    }
}

impl Fields for StreamsGroupHeartbeatResponse {
    const MIN_SIZE: usize = 34;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            throttle_time_ms: d.int32()?,
            error_code: d.int16()?,
            error_message: d.nullable_string()?,
            member_id: d.string()?,
            member_epoch: d.int32()?,
            heartbeat_interval_ms: d.int32()?,
            acceptable_recovery_lag: d.int32()?,
            task_offset_interval_ms: d.int32()?,
            status: d.nullable_array(version)?,
            active_tasks: d.nullable_array(version)?,
            standby_tasks: d.nullable_array(version)?,
            warmup_tasks: d.nullable_array(version)?,
            endpoint_information_epoch: d.int32()?,
            partitions_by_user_endpoint: d.nullable_array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.throttle_time_ms);
        e.int16(self.error_code);
        e.nullable_string(self.error_message.as_deref());
        e.string(&self.member_id);
        e.int32(self.member_epoch);
        e.int32(self.heartbeat_interval_ms);
        e.int32(self.acceptable_recovery_lag);
        e.int32(self.task_offset_interval_ms);
        e.nullable_array(self.status.as_deref(), version);
        e.nullable_array(self.active_tasks.as_deref(), version);
        e.nullable_array(self.standby_tasks.as_deref(), version);
        e.nullable_array(self.warmup_tasks.as_deref(), version);
        e.int32(self.endpoint_information_epoch);
        e.nullable_array(self.partitions_by_user_endpoint.as_deref(), version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointToPartitions {
    pub user_endpoint: Endpoint,
    pub active_partitions: Vec<TopicPartition>,
    pub standby_partitions: Vec<TopicPartition>,
}

impl Fields for EndpointToPartitions {
    const MIN_SIZE: usize = 7;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            user_endpoint: Endpoint::read(d, version)?,
            active_partitions: d.array(version)?,
            standby_partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        self.user_endpoint.write(e, version);
        e.array(&self.active_partitions, version);
        e.array(&self.standby_partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub status_code: i8,
    pub status_detail: Arc<str>,
}

impl Fields for Status {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            status_code: d.int8()?,
            status_detail: d.string()?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, _version: i16) {
        e.int8(self.status_code);
        e.string(&self.status_detail);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partitions: Vec<i32>,
}

impl Fields for TopicPartition {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.topic);
        e.array(&self.partitions, version);
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

impl Message for StreamsGroupHeartbeatResponse {
    const NAME: &'static str = "StreamsGroupHeartbeatResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
