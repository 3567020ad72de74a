//! The log of a partition on disk, in Kafka's own files.
//!
//! A log has two halves. [`Log`] is the exclusive one: the one writer at a time appends, rolls,
//! truncates and deletes with `&mut self`. [`LogView`] is the shared one, behind an `Arc`: anybody
//! reads, looks up offsets and flushes through it, without waiting for the writer. A [`DataDir`] owns
//! the directory of many logs: whose it is, its lock, its checkpoints, opening and closing them all.
//!
//! ```text
//! let dir = DataDir::open(disk, path, &identity, new_id)?;
//! let logs = dir.open_logs(threads, &config_of, now)?;          // after a start
//! let mut log = dir.create_log(&partition, topic_id, config, now)?;
//! let view = Arc::clone(log.view());
//! log.append(&batches, leader_epoch, now, &mut outcomes)?;      // the writer
//! view.flush()?;                                                // group commit, any thread
//! if let Some(slice) = view.read(&request)? {                   // any thread
//!     // send slice.len bytes of slice.file from slice.position, then go on at slice.next_offset
//! }
//! log.apply_retention(high_watermark, now)?;                    // from time to time
//! dir.close_logs(logs, threads)?;                               // at the end
//! dir.close(broker_epoch)?;                                     // the next start trusts the files
//! ```
//!
//! - All I/O goes through [`disk::Disk`]: the system's, one in memory, one that fails on purpose.
//! - An append is visible when it returns, and durable when [`LogView::flush`] returned an offset
//!   behind it. A failed append leaves the log as it was; when that cannot be done, or a flush fails,
//!   the log goes offline: writes are refused, reads go on.
//! - Nothing here knows high watermarks, replicas or clients: the caller says up to where to read,
//!   and writes the checkpoints that [`DataDir`] offers. A log that is opened after a crash relies on
//!   the recovery point that was written down: never one larger than [`LogView::recovery_point`].
//! - Segments follow each other without a gap, so that a recovery sees when one lost its end;
//!   whoever rewrites segments keeps the last batch, emptied if need be ([`SegmentRewrite`]).
//!
//! Synchronous; no clock, no randomness, no logging: callers pass `now` and log what is returned.

mod append;
mod checkpoint;
pub mod clean;
mod config;
mod control;
pub mod disk;
mod epochs;
mod error;
mod files;
mod flush;
mod index;
mod leftovers;
mod locate;
mod log;
mod lookup;
mod manager;
mod open;
mod producers;
mod read;
mod recovery;
mod repair;
mod retention;
mod rewrite;
mod scan;
mod segment;
mod transactions;
mod truncate;
mod turnstile;
mod view;

pub use self::append::{AppendBatch, AppendOutcome};
pub use self::checkpoint::{
    EpochEntry, MetaProperties, OffsetCheckpoint, read_offsets, read_topic_id, write_offsets,
    write_topic_id,
};
pub use self::config::LogConfig;
pub use self::error::{LogError, Result};
pub use self::files::LogDir;
pub use self::index::AbortedTxn;
pub use self::log::Log;
pub use self::lookup::{FoundTimestamp, MAX_ABORTED_PER_READ};
pub use self::manager::{
    CreateResult, DataDir, DataDirError, Identity, NewLog, OpenResult, OpenedLog, PartitionDir,
};
pub use self::open::{OpenLog, Recovery};
pub use self::producers::{Origin, ProducerError, ProducerState, Producers, RetainedBatch};
pub use self::recovery::Cut;
pub use self::retention::{DeletedSegment, DeletionReason};
pub use self::rewrite::{SegmentInfo, SegmentRewrite};
pub use self::segment::TimestampOffset;
pub use self::view::{FileSlice, LogView, ReadRequest};
