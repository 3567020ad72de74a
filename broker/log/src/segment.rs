//! One segment: a file of batches with its indexes. The writer appends and publishes; readers see
//! what was published. A segment that is no longer written opens its files when somebody asks.
//! Does not know of other segments, producers or epochs.

mod contents;
mod indexes;
mod state;
mod write;

pub use self::indexes::TimestampOffset;
pub(crate) use self::indexes::relative;
pub(crate) use self::state::{Extent, Segment};
