//! What the quorum agrees for: a state machine that is fed every committed batch, in order.

use bytes::Bytes;

use crate::position::LogPosition;

/// A snapshot in pieces, each at most [`MAX_CHUNK_BYTES`] long, made one at a time.
pub type Chunks<'a> = Box<dyn Iterator<Item = Bytes> + Send + 'a>;

/// The longest piece of a snapshot: as much as one batch.
pub const MAX_CHUNK_BYTES: usize = crate::MAX_BATCH_BYTES;

/// The replicated state. It lives in memory; after a start it is restored from the last snapshot
/// and fed the batches behind it. Calls come one at a time and must not block.
pub trait StateMachine: Send + Sync + 'static {
    /// Takes in one committed batch. Every node applies the same batches in the same order, so the
    /// outcome must depend on nothing else. Positions have gaps: a leader's own entries are not
    /// shown.
    fn apply(&mut self, position: LogPosition, batch: Bytes);

    /// The state as it is now, to be written out later, on another thread, while batches are
    /// applied on. An immutable image makes this cheap.
    fn snapshot(&self) -> Chunks<'static>;

    /// Replaces the state by a snapshot, which held everything up to `position`.
    ///
    /// # Errors
    /// When the pieces make no sense. The node cannot go on then.
    fn restore(&mut self, position: LogPosition, chunks: Chunks<'_>) -> Result<(), RestoreError>;
}

/// A snapshot that the state machine cannot read, although its bytes are the ones written.
#[derive(Debug, thiserror::Error)]
#[error("the snapshot cannot be restored")]
pub struct RestoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
