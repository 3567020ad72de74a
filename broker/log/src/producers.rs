//! What the log knows of its idempotent and transactional producers: the last batches of each, its
//! epoch, and its open transaction. Decides which batches are new, repeated, or out of order.
//! Pure: no files, no clock.

mod error;
mod snapshot;
mod state;
mod table;

pub use self::error::ProducerError;
pub(crate) use self::snapshot::{decode as decode_snapshot, encode as encode_snapshot};
pub use self::state::{ProducerState, RetainedBatch};
pub(crate) use self::table::CompletedTxn;
pub use self::table::{Origin, Producers};
