//! What a leader changes in a produced batch: base offset and leader epoch always, the timestamps
//! when the topic wants the broker's. A batch that arrived in a request is not copied for that:
//! the log writes a patched prefix (or header) followed by the rest of the original bytes.

use millrace_types::{LeaderEpoch, Offset, Timestamp};

use crate::attributes::TimestampType;
use crate::batch::header::{BatchHeader, CRC_END, HEADER_BYTES, PREFIX_BYTES};

/// CRC-32C of the bytes from the attributes to the end of a batch.
#[must_use]
pub fn crc_of(covered: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(covered)
}

impl BatchHeader {
    /// The first bytes of the batch with these two fields in place; the rest follows unchanged.
    #[must_use]
    pub fn patched_prefix(
        &self,
        base_offset: Offset,
        leader_epoch: LeaderEpoch,
    ) -> [u8; PREFIX_BYTES] {
        let mut prefix = [0; PREFIX_BYTES];
        prefix[..8].copy_from_slice(&base_offset.to_be_bytes());
        prefix[8..12].copy_from_slice(&self.length.to_be_bytes());
        prefix[12..].copy_from_slice(&leader_epoch.to_be_bytes());
        prefix
    }

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

/// Writes both fields into a batch that is ours to change. The checksum does not cover them.
///
/// # Panics
/// When `batch` is shorter than the prefix.
pub fn patch_offset_and_epoch(batch: &mut [u8], base_offset: Offset, leader_epoch: LeaderEpoch) {
    batch[..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..PREFIX_BYTES].copy_from_slice(&leader_epoch.to_be_bytes());
}

/// Writes the broker's time into a batch that is ours to change, and its new checksum.
///
/// # Panics
/// When `batch` is shorter than the `header` that was read from it.
pub fn patch_append_time(batch: &mut [u8], header: &BatchHeader, now: Timestamp) {
    let (raw_header, records) = batch.split_at_mut(HEADER_BYTES);
    let stamped = header.with_append_time(now, records);
    raw_header.copy_from_slice(&stamped.to_bytes());
}
