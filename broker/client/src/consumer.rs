//! Reading records: from partitions that the caller names, or as a member of a group.

mod assignor;
mod fetched;
mod group;
mod membership;
mod options;
mod plain;

pub use assignor::Assignor;
pub use group::GroupConsumer;
pub use options::{ConsumerOptions, ConsumerRecord, GroupOptions, OffsetReset};
pub use plain::{Consumer, Start};
