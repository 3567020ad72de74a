//! What a producer is told, takes, and gives back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use millrace_records::Compression;
use millrace_types::{Offset, Timestamp};

/// Whose word makes a record written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// Nobody's: the broker does not answer.
    None,
    Leader,
    All,
}

#[derive(Clone, Copy, Debug)]
pub struct ProducerOptions {
    pub acks: Acks,
    /// How long a batch waits for more records.
    pub linger: Duration,
    /// A batch is sent when it holds this much. One batch of a partition is on its way at a time,
    /// so this over the round trip bounds what a partition takes.
    pub batch_bytes: usize,
    /// Records accepted and not yet written; `send` waits above that.
    pub buffer_bytes: usize,
    pub compression: Compression,
    /// Batches are numbered, so that one sent twice is written once. Needs [`Acks::All`].
    pub idempotent: bool,
    /// A record that is not written by then is given up.
    pub delivery_timeout: Duration,
    /// Whether writing to an unknown topic may create it.
    pub create_topics: bool,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            linger: Duration::from_millis(5),
            batch_bytes: 256 * 1024,
            buffer_bytes: 32 * 1024 * 1024,
            compression: Compression::None,
            idempotent: true,
            delivery_timeout: Duration::from_mins(2),
            create_topics: true,
        }
    }
}

/// A record to write.
#[derive(Clone, Debug, Default)]
pub struct ProducerRecord {
    pub topic: Arc<str>,
    /// `None` leaves it to the key, or to chance.
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<(Bytes, Option<Bytes>)>,
    /// `None` is now.
    pub timestamp: Option<Timestamp>,
}

impl ProducerRecord {
    /// What the record costs in the buffer: its bytes and the most its lengths can take.
    pub(crate) fn size(&self) -> usize {
        const OVERHEAD: usize = 64;
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self.headers.iter();
        let headers: usize = headers.map(|(k, v)| k.len() + length(v) + OVERHEAD).sum();
        length(&self.key) + length(&self.value) + headers + OVERHEAD
    }
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub partition: i32,
    /// `None` when the broker did not say: without acks, or when it had the record already.
    pub offset: Option<Offset>,
}
