//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use std::sync::Arc;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

impl Fields for StreamsGroupCurrentMemberAssignmentValue {
    const MIN_SIZE: usize = 16;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let it = Self {
            member_epoch: d.int32()?,
            previous_member_epoch: d.int32()?,
            state: d.int8()?,
            active_tasks: d.array(version)?,
            standby_tasks: d.array(version)?,
            warmup_tasks: d.array(version)?,
            active_tasks_pending_revocation: d.array(version)?,
            standby_tasks_pending_revocation: d.array(version)?,
            warmup_tasks_pending_revocation: d.array(version)?,
        };
        d.skip_tags()?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.member_epoch);
        e.int32(self.previous_member_epoch);
        e.int8(self.state);
        e.array(&self.active_tasks, version);
        e.array(&self.standby_tasks, version);
        e.array(&self.warmup_tasks, version);
        e.array(&self.active_tasks_pending_revocation, version);
        e.array(&self.standby_tasks_pending_revocation, version);
        e.array(&self.warmup_tasks_pending_revocation, version);
        e.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: Arc<str>,
    pub partitions: Vec<i32>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self {
            subtopology_id: Arc::default(),
            partitions: Vec::new(),
            assignment_epochs: Some(Vec::new()),
        }
    }
}

impl Fields for TaskIds {
    const MIN_SIZE: usize = 3;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            subtopology_id: d.string()?,
            partitions: d.array(version)?,
            assignment_epochs: Some(Vec::new()),
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.assignment_epochs = d.nullable_array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.string(&self.subtopology_id);
        e.array(&self.partitions, version);
        let tags = e.open_tags();
        if self
            .assignment_epochs
            .as_ref()
            .is_none_or(|it| !it.is_empty())
        {
            e.tag(tags, 0, |e| {
                e.nullable_array(self.assignment_epochs.as_deref(), version);
            });
        }
    }
}

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: VersionRange = VersionRange::new(0, 0);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for StreamsGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 22;
}
