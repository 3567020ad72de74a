//! The metadata quorum: batches of metadata that a majority of the voters holds durably, applied in
//! one order everywhere. Knows nothing of what is in a batch, and keeps the Raft library to itself.

mod error;
#[doc(hidden)]
pub mod fuzz;
mod journal;
mod machine;
mod open;
mod options;
mod position;
mod quorum;
mod raft;
mod snapshot;
mod status;
mod transport;

#[cfg(test)]
mod tests;

pub use error::QuorumError;
pub use machine::{Chunks, MAX_CHUNK_BYTES, RestoreError, StateMachine};
pub use options::QuorumOptions;
pub use position::LogPosition;
pub use quorum::{MetadataQuorum, Proposal};
pub use raft::server::ServeError;
pub use status::{Leadership, QuorumStatus, VoterStatus};
pub use transport::{MAX_MESSAGE_BYTES, NoTransport, Transport, TransportError};

/// The longest batch that can be proposed, as long as Kafka's controllers allow. More than one
/// record never needs; a request that makes more is split by the one who proposes.
pub const MAX_BATCH_BYTES: usize = 8 << 20;
