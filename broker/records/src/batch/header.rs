//! The 61 header bytes, decoded and encoded. Does not see the records.

use millrace_types::{
    LeaderEpoch, NO_PRODUCER_ID, NO_SEQUENCE, Offset, ProducerEpoch, ProducerId, Sequence,
    Timestamp,
};

use crate::attributes::Attributes;

/// Bytes before the first record.
pub const HEADER_BYTES: usize = 61;
/// The only message format there is since Kafka 4.
pub const MAGIC_V2: i8 = 2;

/// The length field counts the bytes after itself.
pub(crate) const LENGTH_END: usize = 12;
const CRC_START: usize = 17;
pub(crate) const CRC_END: usize = 21;
const MIN_LENGTH: i32 = 49;
const _: () = assert!(MIN_LENGTH as usize + LENGTH_END == HEADER_BYTES);

/// Why bytes are not a batch: some are missing, or those that are there are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// More bytes could make it whole: the read was cut, or the writer crashed.
    #[error("batch is cut off: it needs {needed} bytes and {available} are there")]
    Truncated { needed: usize, available: usize },
    /// No further bytes can make it whole.
    #[error(transparent)]
    Corrupt(#[from] CorruptBatch),
}

/// What is wrong with a batch whatever comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorruptBatch {
    #[error("batch length {0} is less than its header")]
    Length(i32),
    #[error("batch has magic {0}, only 2 is supported")]
    Magic(i8),
    #[error("batch ends before it begins: base offset {base_offset}, last offset delta {delta}")]
    OffsetRange { base_offset: Offset, delta: i32 },
    #[error("batch has a negative record count {0}")]
    RecordCount(i32),
    #[error("batch has crc {stored:#010x}, its bytes have {computed:#010x}")]
    Crc { stored: u32, computed: u32 },
}

/// The fixed part of a batch, decoded. Its sizes and offsets are safe to compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: Offset,
    /// Bytes after the length field; see [`Self::size_in_bytes`].
    pub length: u32,
    pub leader_epoch: LeaderEpoch,
    pub magic: i8,
    pub crc: u32,
    pub attributes: Attributes,
    pub last_offset_delta: i32,
    pub base_timestamp: Timestamp,
    pub max_timestamp: Timestamp,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub base_sequence: Sequence,
    pub record_count: i32,
}

impl BatchHeader {
    /// Decodes the header at the start of `bytes`; the records need not be there.
    ///
    /// # Errors
    /// When fewer than [`HEADER_BYTES`] are there, or the header contradicts itself.
    pub fn read(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(raw) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err(BatchError::Truncated {
                needed: HEADER_BYTES,
                available: bytes.len(),
            });
        };
        let length = i32::from_be_bytes(field(raw, 8));
        let magic = i8::from_be_bytes(field(raw, 16));
        let base_offset = i64::from_be_bytes(field(raw, 0));
        let last_offset_delta = i32::from_be_bytes(field(raw, 23));
        let record_count = i32::from_be_bytes(field(raw, 57));
        let length = match u32::try_from(length) {
            Ok(unsigned) if length >= MIN_LENGTH => unsigned,
            _ => return Err(CorruptBatch::Length(length).into()),
        };
        if magic != MAGIC_V2 {
            return Err(CorruptBatch::Magic(magic).into());
        }
        let last_offset = base_offset.checked_add(i64::from(last_offset_delta));
        if last_offset_delta < 0 || last_offset.is_none() {
            let delta = last_offset_delta;
            return Err(CorruptBatch::OffsetRange { base_offset, delta }.into());
        }
        if record_count < 0 {
            return Err(CorruptBatch::RecordCount(record_count).into());
        }
        Ok(Self {
            base_offset,
            length,
            leader_epoch: i32::from_be_bytes(field(raw, 12)),
            magic,
            crc: u32::from_be_bytes(field(raw, CRC_START)),
            attributes: Attributes(i16::from_be_bytes(field(raw, 21))),
            last_offset_delta,
            base_timestamp: i64::from_be_bytes(field(raw, 27)),
            max_timestamp: i64::from_be_bytes(field(raw, 35)),
            producer_id: i64::from_be_bytes(field(raw, 43)),
            producer_epoch: i16::from_be_bytes(field(raw, 51)),
            base_sequence: i32::from_be_bytes(field(raw, 53)),
            record_count,
        })
    }

    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut raw = [0; HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| raw[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.base_offset.to_be_bytes());
        put(8, &self.length.to_be_bytes());
        put(12, &self.leader_epoch.to_be_bytes());
        put(16, &self.magic.to_be_bytes());
        put(CRC_START, &self.crc.to_be_bytes());
        put(21, &self.attributes.0.to_be_bytes());
        put(23, &self.last_offset_delta.to_be_bytes());
        put(27, &self.base_timestamp.to_be_bytes());
        put(35, &self.max_timestamp.to_be_bytes());
        put(43, &self.producer_id.to_be_bytes());
        put(51, &self.producer_epoch.to_be_bytes());
        put(53, &self.base_sequence.to_be_bytes());
        put(57, &self.record_count.to_be_bytes());
        raw
    }

    /// The whole batch, header included.
    #[must_use]
    pub const fn size_in_bytes(&self) -> usize {
        LENGTH_END + self.length as usize
    }

    #[must_use]
    pub const fn last_offset(&self) -> Offset {
        self.base_offset + self.last_offset_delta as i64
    }

    #[must_use]
    pub const fn next_offset(&self) -> Offset {
        self.last_offset().saturating_add(1)
    }

    #[must_use]
    pub const fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// The sequence number of the last record the producer sent in this batch; compaction may
    /// have dropped it since, which is why it follows from the offsets and not from the count.
    #[must_use]
    pub const fn last_sequence(&self) -> Sequence {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        sequence_after(self.base_sequence, self.last_offset_delta)
    }

    /// The time from which the tombstones and markers of this batch may be dropped, once the
    /// cleaner has set one.
    #[must_use]
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        let has_one = self.attributes.has_delete_horizon();
        has_one.then_some(self.base_timestamp)
    }
}

/// Sequence numbers wrap from `i32::MAX` to 0. Neither argument may be negative.
#[must_use]
pub const fn sequence_after(sequence: Sequence, increment: i32) -> Sequence {
    match sequence.checked_add(increment) {
        Some(sum) => sum,
        None => increment - (i32::MAX - sequence) - 1,
    }
}

fn field<const N: usize>(raw: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&raw[at..at + N]);
    bytes
}
