//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub leader: i32,
    pub leader_recovery_state: i8,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    /// Versions 1+.
    pub directories: Vec<Uuid>,
    /// Versions 2+.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Versions 2+.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Fields for PartitionRecord {
    const MIN_SIZE: usize = 37;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            partition_id: d.int32()?,
            topic_id: d.uuid()?,
            replicas: d.array(version)?,
            isr: d.array(version)?,
            removing_replicas: d.array(version)?,
            adding_replicas: d.array(version)?,
            leader: d.int32()?,
            leader_recovery_state: 0,
            leader_epoch: d.int32()?,
            partition_epoch: d.int32()?,
            directories: if version >= 1 {
                d.array(version)?
            } else {
                Vec::new()
            },
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.leader_recovery_state = d.int8()?,
                1 if version >= 2 => it.eligible_leader_replicas = d.nullable_array(version)?,
                2 if version >= 2 => it.last_known_elr = d.nullable_array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_id);
        e.uuid(self.topic_id);
        e.array(&self.replicas, version);
        e.array(&self.isr, version);
        e.array(&self.removing_replicas, version);
        e.array(&self.adding_replicas, version);
        e.int32(self.leader);
        e.int32(self.leader_epoch);
        e.int32(self.partition_epoch);
        if version >= 1 {
            e.array(&self.directories, version);
        } else if !self.directories.is_empty() {
            e.cannot_carry("directories");
        }
        let tags = e.open_tags();
        if self.leader_recovery_state != 0 {
            e.tag(tags, 0, |e| {
                e.int8(self.leader_recovery_state);
            });
        }
        if self.eligible_leader_replicas.is_some() {
            if version >= 2 {
                e.tag(tags, 1, |e| {
                    e.nullable_array(self.eligible_leader_replicas.as_deref(), version);
                });
            } else {
                e.cannot_carry("eligible_leader_replicas");
            }
        }
        if self.last_known_elr.is_some() {
            if version >= 2 {
                e.tag(tags, 2, |e| {
                    e.nullable_array(self.last_known_elr.as_deref(), version);
                });
            } else {
                e.cannot_carry("last_known_elr");
            }
        }
    }
}

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for PartitionRecord {
    const TYPE: i16 = 3;
}
