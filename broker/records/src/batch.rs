//! The 61-byte header of a v2 batch, its checksum, and walking over batches in a buffer.
//! Looks at headers only: what the records hold is for `validate` and `record`.
//!
//! ```text
//!  0 base offset 8 | 8 length 4 | 12 leader epoch 4 | 16 magic 1 | 17 crc 4
//! 21 attributes 2 | 23 last offset delta 4 | 27 base timestamp 8 | 35 max timestamp 8
//! 43 producer id 8 | 51 producer epoch 2 | 53 base sequence 4 | 57 record count 4 | 61 records
//! ```
//!
//! The CRC-32C covers everything from the attributes on, so a leader may write base offset and
//! leader epoch into a batch without touching the checksum. What arrived in a request is not copied
//! for that: the log writes a new header followed by the bytes after the old one.

mod checksum;
mod header;
#[cfg(test)]
mod tests;
mod view;

pub use checksum::crc_of;
pub(crate) use header::LENGTH_END;
pub use header::{BatchError, BatchHeader, CorruptBatch, HEADER_BYTES, MAGIC_V2, sequence_after};
pub use view::{BatchView, Batches};
