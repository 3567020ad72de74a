//! Record batches of Kafka's message format v2: viewing, checking, building and compressing them.
//! Pure: bytes in, values out. It opens no files, reads no clock and knows nothing of logs.

pub mod attributes;
pub mod batch;
pub mod builder;
pub mod compression;
pub mod control;
#[doc(hidden)]
pub mod fuzz;
pub mod record;
pub mod validate;

pub use attributes::{Attributes, TimestampType};
pub use batch::{BatchError, BatchHeader, BatchView, Batches, CorruptBatch};
pub use builder::{BatchBuilder, BuildError, NewRecord, recompress};
pub use compression::{Compression, CompressionLevels, Scratch};
pub use control::{ControlRecord, EndTxnMarker, read_control};
pub use record::{RecordError, RecordHeader, RecordView, Records};
pub use validate::{InvalidBatch, Rules, Validated, validate};
