//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Fields for ConsumerGroupDescribeResponse {
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
    pub assignor_name: Arc<str>,
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
            assignor_name: Arc::default(),
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
            assignor_name: d.string()?,
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
        e.string(&self.assignor_name);
        e.array(&self.members, version);
        e.int32(self.authorized_operations);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub member_id: Arc<str>,
    pub instance_id: Option<Arc<str>>,
    pub rack_id: Option<Arc<str>>,
    pub member_epoch: i32,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
    pub subscribed_topic_names: Vec<Arc<str>>,
    pub subscribed_topic_regex: Option<Arc<str>>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    /// Versions 1+.
    pub member_type: i8,
}

impl Default for Member {
    fn default() -> Self {
        Self {
            member_id: Arc::default(),
            instance_id: None,
            rack_id: None,
            member_epoch: 0,
            client_id: Arc::default(),
            client_host: Arc::default(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: None,
            assignment: Assignment::default(),
            target_assignment: Assignment::default(),
            member_type: -1,
        }
    }
}

impl Fields for Member {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_id: d.string()?,
            instance_id: d.nullable_string()?,
            rack_id: d.nullable_string()?,
            member_epoch: d.int32()?,
            client_id: d.string()?,
            client_host: d.string()?,
            subscribed_topic_names: d.array(version)?,
            subscribed_topic_regex: d.nullable_string()?,
            assignment: Assignment::read(d, version)?,
            target_assignment: Assignment::read(d, version)?,
            member_type: if version >= 1 { d.int8()? } else { -1 },
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.member_id);
        e.nullable_string(self.instance_id.as_deref());
        e.nullable_string(self.rack_id.as_deref());
        e.int32(self.member_epoch);
        e.string(&self.client_id);
        e.string(&self.client_host);
        e.array(&self.subscribed_topic_names, version);
        e.nullable_string(self.subscribed_topic_regex.as_deref());
        self.assignment.write(e, version);
        self.target_assignment.write(e, version);
        if version >= 1 {
            e.int8(self.member_type);
        }
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub topic_name: Arc<str>,
    pub partitions: Vec<i32>,
}

impl Fields for TopicPartitions {
    const MIN_SIZE: usize = 19;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_id: d.uuid()?,
            topic_name: d.string()?,
            partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.uuid(self.topic_id);
        e.string(&self.topic_name);
        e.array(&self.partitions, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assignment {
    pub topic_partitions: Vec<TopicPartitions>,
}

impl Fields for Assignment {
    const MIN_SIZE: usize = 2;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            topic_partitions: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.array(&self.topic_partitions, version);
        e.no_tags();
    }
}

impl Message for ConsumerGroupDescribeResponse {
    const NAME: &'static str = "ConsumerGroupDescribeResponse";
    const VERSIONS: VersionRange = VersionRange::new(0, 1);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}
