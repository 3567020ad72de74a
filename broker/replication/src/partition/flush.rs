//! Group commit: one flush covers everything that was appended before it began, and whoever
//! appended meanwhile gets the next one.

use std::sync::Arc;

use millrace_types::{ErrorCode, Offset};
use tokio::sync::oneshot;

use crate::parked::Committed;
use crate::partition::state::Partition;

impl Partition {
    /// Whether, with the log up to `end`, as many records wait for the disk as `flush.messages`
    /// allows: whoever appended them is told after the next flush, and nobody is shown them before.
    pub(super) fn must_flush(&self, end: Offset) -> bool {
        let Some(every) = self.topic.config.load().flush_messages else {
            return false;
        };
        let unflushed = end - self.view.recovery_point();
        u64::try_from(unflushed).is_ok_and(|unflushed| unflushed >= every)
    }

    /// Resolves when a producer whose batch ends at `end` may be told that the leader has it;
    /// `None` if it may at once.
    pub(super) fn flushed(&self, end: Offset) -> Option<oneshot::Receiver<Committed>> {
        if !self.must_flush(end) {
            return None;
        }
        let mut office = self.office.lock();
        // A flush may have ended before the lock was had; the next one looks here.
        self.must_flush(end).then(|| {
            let waiting = office.parked.park_until_flushed(end);
            self.dismiss_the_late(&mut office);
            waiting
        })
    }

    /// Asks for a flush of everything appended so far.
    pub fn request_flush(&self) {
        if self.flush_state.want()
            && let Some(partition) = self.this.upgrade()
        {
            self.flusher.enqueue(partition);
        }
    }

    /// Flushes; called by the flusher's threads alone.
    pub(crate) fn run_flush(self: &Arc<Self>) {
        self.flush_state.begin();
        self.flush();
        if self.flush_state.end() {
            self.flusher.enqueue(Arc::clone(self));
        }
    }

    fn flush(&self) {
        match self.view.flush() {
            Ok(durable) => {
                let mut office = self.office.lock();
                office.parked.flushed(durable);
                if let Some(leadership) = &mut office.leadership {
                    let high_watermark = leadership.appended(durable);
                    self.publish(&mut office, high_watermark);
                }
            }
            Err(error) => {
                tracing::error!(
                    partition = %self.id,
                    error = &error as &dyn std::error::Error,
                    "the log could not be flushed"
                );
                self.office
                    .lock()
                    .parked
                    .dismiss(ErrorCode::KafkaStorageError);
            }
        }
    }
}
