//! The checksum of a batch, and what a leader changes under it.

use millrace_types::Timestamp;

use crate::attributes::TimestampType;
use crate::batch::header::{BatchHeader, CRC_END};

/// CRC-32C, as batches have it over everything from the attributes on.
#[must_use]
pub fn crc_of(covered: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(covered)
}

impl BatchHeader {
    /// This header with the broker's time in it; `records` are the bytes after the header, which
    /// the new checksum covers too.
    #[must_use]
    pub fn with_append_time(mut self, now: Timestamp, records: &[u8]) -> Self {
        self.attributes = self
            .attributes
            .with_timestamp_type(TimestampType::LogAppendTime);
        self.max_timestamp = now;
        self.with_crc_over(records)
    }

    /// This header with the checksum of its own fields and the records after it.
    #[must_use]
    pub(crate) fn with_crc_over(mut self, records: &[u8]) -> Self {
        let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
        digest.update(&self.to_bytes()[CRC_END..]);
        digest.update(records);
        self.crc = u32::try_from(digest.finalize()).expect("a 32-bit checksum fits 32 bits");
        self
    }
}
