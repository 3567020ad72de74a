//! Group commit: one flush covers everything that was appended before it began, and whoever
//! appended meanwhile gets the next one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{ErrorCode, Offset};
use tokio::sync::oneshot;

use crate::parked::Committed;
use crate::partition::Partition;

pub(super) const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
const RUNNING_AND_WANTED: u8 = 3;

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
        let wanted = |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(RUNNING_AND_WANTED),
            _ => None,
        };
        let before = self
            .flush_state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, wanted);
        if before == Ok(IDLE)
            && let Some(partition) = self.this.upgrade()
        {
            self.flusher.enqueue(partition);
        }
    }

    /// Flushes; called by the flusher's threads alone.
    pub(crate) fn run_flush(self: &Arc<Self>) {
        self.flush_state.store(RUNNING, Ordering::Release);
        self.flush();
        let ended = |state| {
            Some(if state == RUNNING_AND_WANTED {
                QUEUED
            } else {
                IDLE
            })
        };
        let before = self
            .flush_state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, ended);
        if before == Ok(RUNNING_AND_WANTED) {
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
