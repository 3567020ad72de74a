//! Reading records: from partitions that the caller names, or as a member of a group.

mod assignor;
mod fetched;
mod group;
mod membership;
mod plain;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_types::{Offset, Timestamp};

pub use assignor::Assignor;
pub use group::{GroupConsumer, GroupOptions};
pub use plain::{Consumer, Start};

/// What to do when the offset that was to be read is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    Earliest,
    Latest,
    Fail,
}

#[derive(Clone, Copy, Debug)]
pub struct ConsumerOptions {
    pub reset: OffsetReset,
    /// Records of open and aborted transactions stay away.
    pub read_committed: bool,
    /// The broker waits for this much, or for `max_wait`.
    pub min_bytes: i32,
    pub max_wait: Duration,
    /// Of one answer; a larger first batch is still returned whole.
    pub max_bytes: i32,
    pub partition_max_bytes: i32,
}

impl Default for ConsumerOptions {
    fn default() -> Self {
        Self {
            reset: OffsetReset::Earliest,
            read_committed: false,
            min_bytes: 1,
            max_wait: Duration::from_millis(500),
            max_bytes: 50 * 1024 * 1024,
            partition_max_bytes: 1024 * 1024,
        }
    }
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerRecord {
    pub topic: Arc<str>,
    pub partition: i32,
    pub offset: Offset,
    pub timestamp: Timestamp,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}
