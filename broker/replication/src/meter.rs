//! What flows through a topic, counted where it flows. Plain atomics: reading them into a metrics
//! format is the caller's business.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub fn increment(&self) {
        self.add(1);
    }

    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The traffic of one topic, or of all together.
#[derive(Debug, Default)]
pub struct TopicMeter {
    pub messages_in: Count,
    pub bytes_in: Count,
    pub bytes_out: Count,
    pub bytes_rejected: Count,
    pub produce_requests: Count,
    pub fetch_requests: Count,
    pub failed_produce_requests: Count,
    pub failed_fetch_requests: Count,
    pub invalid_crc_records: Count,
    pub invalid_sequence_records: Count,
    pub keyless_compacted_records: Count,
}
