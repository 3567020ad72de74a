//! Administration: topics, settings, groups, offsets, disks. Each call takes many items and says
//! for each what became of it.

mod configs;
mod groups;
mod offsets;
mod outcome;
mod quorum;
mod storage;
mod topics;

pub use configs::{ConfigItem, ConfigOp, ConfigOpKind, ConfigResource, ConfigResourceKind};
pub use groups::{GroupDescription, GroupListing, GroupMember, GroupOffset};
pub(crate) use groups::{assigned_partitions, commit_request};
pub use offsets::{OffsetAt, OffsetSpec};
pub use outcome::Outcome;
pub use quorum::{Quorum, QuorumReplica};
pub use storage::{LogDir, ReplicaOnDisk};
pub use topics::{CreatedTopic, NewPartitions, NewTopic, TopicRef};
