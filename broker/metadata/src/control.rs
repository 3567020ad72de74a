//! Decisions: a request and the image in, records and the response out. Nothing changes here; the
//! records change the image once they are committed, and then the response may leave.

mod assignment;
pub mod brokers;
pub mod configs;
mod context;
mod decision;
mod election;
pub mod features;
pub mod leaders;
pub mod partitions;
mod placement;
pub mod producer_ids;
pub mod sessions;
pub mod topics;

pub use context::{Context, Entropy};
pub use decision::{Decision, MAX_PARTITIONS_PER_REQUEST};
