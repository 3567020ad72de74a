//! The quorum as its users see it: one voter on a hostile disk, three voters on a hostile network.

mod fleet;
mod sole;

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::machine::{Chunks, RestoreError, StateMachine};
use crate::position::LogPosition;

/// A state machine that remembers every batch. Clones share what was applied.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    applied: Arc<Mutex<Vec<(LogPosition, Bytes)>>>,
}

impl Recorder {
    /// The batches, as text.
    fn batches(&self) -> Vec<String> {
        let applied = self.applied.lock();
        let text = |(_, batch): &(LogPosition, Bytes)| String::from_utf8_lossy(batch).into_owned();
        applied.iter().map(text).collect()
    }
}

impl StateMachine for Recorder {
    fn apply(&mut self, position: LogPosition, batch: Bytes) {
        let mut applied = self.applied.lock();
        if let Some((last, _)) = applied.last() {
            assert!(*last < position, "{position} is applied after {last}");
        }
        applied.push((position, batch));
    }

    fn snapshot(&self) -> Chunks<'static> {
        let applied = self.applied.lock().clone();
        Box::new(applied.into_iter().map(|entry| {
            let ((position, batch), mut chunk) = (entry, Vec::new());
            chunk.extend_from_slice(&position.term.to_le_bytes());
            chunk.extend_from_slice(&position.index.to_le_bytes());
            chunk.extend_from_slice(&batch);
            chunk.into()
        }))
    }

    fn restore(&mut self, position: LogPosition, chunks: Chunks<'_>) -> Result<(), RestoreError> {
        let restored: Option<Vec<_>> = chunks
            .map(|chunk| {
                let (term, rest) = chunk.split_first_chunk::<8>()?;
                let (index, batch) = rest.split_first_chunk::<8>()?;
                let term = u64::from_le_bytes(*term);
                let index = u64::from_le_bytes(*index);
                Some((LogPosition { term, index }, Bytes::copy_from_slice(batch)))
            })
            .collect();
        let restored = restored.ok_or_else(|| RestoreError("a chunk is too short".into()))?;
        assert!(restored.last().is_none_or(|(last, _)| *last <= position));
        *self.applied.lock() = restored;
        Ok(())
    }
}
