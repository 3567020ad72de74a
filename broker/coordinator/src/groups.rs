//! The group coordinator: groups and committed offsets, by partition of `__consumer_offsets`.

mod admin;
mod classic;
mod config;
mod membership;
mod metrics;
mod offsets;
mod partition;
mod records;
mod request;
mod shard;
mod subscription;
mod turn;

pub use classic::StaticRejoin;
pub use config::{
    CLEANUP_AGAIN_MS, GroupConfig, MAX_GROUP_METADATA_BYTES, MAX_GROUPS, MAX_MEMBERS,
    MAX_METADATA_BYTES, MAX_NAME_BYTES, MAX_OFFSETS, MAX_PENDING_MEMBERS, MAX_PROTOCOLS,
    MAX_RECORDS_PER_CLEANUP, MAX_RECORDS_PER_CLEANUP_BATCH, NEW_MEMBER_JOIN_TIMEOUT_MS,
};
pub use metrics::Counters;
pub use offsets::{CommittedOffset, join_offset_fetch, split_offset_fetch};
pub use partition::group_partition;
pub use records::{GroupRecord, OffsetKey, RecordError};
pub use request::{Caller, GroupRequest, GroupResponse};
pub use shard::GroupShard;
pub use turn::{Deferred, GroupTimer};
