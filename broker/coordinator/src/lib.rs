//! Coordinators: state that lives in the partitions of an internal topic and in memory, for groups
//! and their offsets. A shard decides, the runtime orders its writes and holds its replies.
//! Pure: no I/O, no clock, no randomness, no async; the server drives a [`Runtime`] per partition.

mod groups;
mod result;
mod runtime;
mod shard;
mod timers;

pub use groups::*;
pub use result::{Append, Effects, KeyValue, Reply, RequestToken, coordinator_error};
pub use runtime::{MAX_QUEUED_REQUESTS, Runtime};
pub use shard::{Shard, Source, Turn, TurnOf, Write};
pub use timers::Timers;
