//! Compaction: of each key only the last record stays. A log says with [`LogView::dirty_span`] how
//! much there is to do; [`clean`] does it beside the writer and readers, and asks for the exclusive
//! half of the log only for the moment in which finished segments take the place of old ones.
//!
//! ```text
//!  log start            first dirty          end of the span      active segment
//!  | clean: few per key | dirty: any number  | too young, or open | never touched |
//! ```
//!
//! What a cleaned log keeps, whatever happens:
//! - the last record of each key, tombstones for `delete.retention.ms` after their first cleaning;
//! - offset, timestamp and order of every record, sequence numbers of every batch;
//! - the last batch of every live producer, emptied if need be, so that its sequence is not lost;
//! - transaction markers as long as records of their transaction are left, and then as long as
//!   tombstones. Records of aborted transactions go at once.

mod dirty;
mod filter;
mod keys;
mod offset_map;
mod plan;
mod reader;
mod replacement;
mod run;
mod transactions;

pub use self::filter::LastRecords;
pub use self::offset_map::{HashSeed, OffsetMap};
pub use self::plan::{CleanConfig, DirtySpan, dirtiest};
pub use self::replacement::{Replaced, Replacement};
pub use self::run::{CleanRequest, Cleaned, clean};
