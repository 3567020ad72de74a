//! What readers are told, and what they hand out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_types::{Offset, Timestamp};

use crate::consumer::assignor::Assignor;

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

#[derive(Clone, Debug)]
pub struct GroupOptions {
    pub group: Arc<str>,
    pub topics: Vec<Arc<str>>,
    /// A name that outlives restarts: coming back under it moves no partitions.
    pub instance: Option<Arc<str>>,
    /// In order of preference.
    pub assignors: Vec<Assignor>,
    /// Silence after which the group goes on without this member.
    pub session_timeout: Duration,
    pub heartbeat_interval: Duration,
    /// How long the others wait for this member when the group forms anew.
    pub rebalance_timeout: Duration,
    /// How often what was polled is committed; `None` leaves it to [`GroupConsumer::commit`].
    pub auto_commit: Option<Duration>,
    pub consumer: ConsumerOptions,
}

impl GroupOptions {
    #[must_use]
    pub fn new(group: Arc<str>, topics: Vec<Arc<str>>) -> Self {
        Self {
            group,
            topics,
            instance: None,
            assignors: vec![Assignor::Range],
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            rebalance_timeout: Duration::from_mins(1),
            auto_commit: Some(Duration::from_secs(5)),
            consumer: ConsumerOptions::default(),
        }
    }
}
