//! Record batches of Kafka's message format v2: viewing, checking, building and compressing them.
//! Pure: bytes in, values out. It opens no files, reads no clock and knows nothing of logs.

pub mod attributes;
pub mod batch;
pub mod compression;

pub use attributes::{Attributes, TimestampType};
pub use batch::{BatchError, BatchHeader, BatchView, Batches, CorruptBatch};
pub use compression::Compression;
