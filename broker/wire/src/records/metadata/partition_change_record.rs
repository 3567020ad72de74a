//! Generated from Kafka's message schemas by `cargo run -p millrace-wire-codegen`. Do not edit.

use millrace_types::Uuid;

use crate::{DecodeError, Decoder, Encoder, Fields, Message, Typed, VersionRange};

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub isr: Option<Vec<i32>>,
    pub leader: i32,
    pub replicas: Option<Vec<i32>>,
    pub removing_replicas: Option<Vec<i32>>,
    pub adding_replicas: Option<Vec<i32>>,
    pub leader_recovery_state: i8,
    /// Versions 1+.
    pub directories: Option<Vec<Uuid>>,
    /// Versions 2+.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Versions 2+.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Fields for PartitionChangeRecord {
    const MIN_SIZE: usize = 21;

    fn read(d: &mut Decoder, version: i16) -> Result<Self, DecodeError> {
        let mut it = Self {
            partition_id: d.int32()?,
            topic_id: d.uuid()?,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        };
        d.tags(|d, tag| {
            match tag {
                0 => it.isr = d.nullable_array(version)?,
                1 => it.leader = d.int32()?,
                2 => it.replicas = d.nullable_array(version)?,
                3 => it.removing_replicas = d.nullable_array(version)?,
                4 => it.adding_replicas = d.nullable_array(version)?,
                5 => it.leader_recovery_state = d.int8()?,
                8 if version >= 1 => it.directories = d.nullable_array(version)?,
                6 if version >= 2 => it.eligible_leader_replicas = d.nullable_array(version)?,
                7 if version >= 2 => it.last_known_elr = d.nullable_array(version)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, e: &mut Encoder, version: i16) {
        e.int32(self.partition_id);
        e.uuid(self.topic_id);
        let tags = e.open_tags();
        if self.isr.is_some() {
            e.tag(tags, 0, |e| {
                e.nullable_array(self.isr.as_deref(), version);
            });
        }
        if self.leader != -2 {
            e.tag(tags, 1, |e| {
                e.int32(self.leader);
            });
        }
        if self.replicas.is_some() {
            e.tag(tags, 2, |e| {
                e.nullable_array(self.replicas.as_deref(), version);
            });
        }
        if self.removing_replicas.is_some() {
            e.tag(tags, 3, |e| {
                e.nullable_array(self.removing_replicas.as_deref(), version);
            });
        }
        if self.adding_replicas.is_some() {
            e.tag(tags, 4, |e| {
                e.nullable_array(self.adding_replicas.as_deref(), version);
            });
        }
        if self.leader_recovery_state != -1 {
            e.tag(tags, 5, |e| {
                e.int8(self.leader_recovery_state);
            });
        }
        if self.eligible_leader_replicas.is_some() {
            if version >= 2 {
                e.tag(tags, 6, |e| {
                    e.nullable_array(self.eligible_leader_replicas.as_deref(), version);
                });
            } else {
                e.cannot_carry("eligible_leader_replicas");
            }
        }
        if self.last_known_elr.is_some() {
            if version >= 2 {
                e.tag(tags, 7, |e| {
                    e.nullable_array(self.last_known_elr.as_deref(), version);
                });
            } else {
                e.cannot_carry("last_known_elr");
            }
        }
        if self.directories.is_some() {
            if version >= 1 {
                e.tag(tags, 8, |e| {
                    e.nullable_array(self.directories.as_deref(), version);
                });
            } else {
                e.cannot_carry("directories");
            }
        }
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const VERSIONS: VersionRange = VersionRange::new(0, 2);
    const FLEXIBLE_FROM: Option<i16> = Some(0);
}

impl Typed for PartitionChangeRecord {
    const TYPE: i16 = 5;
}
