//! Group commit: one flush covers everything that was appended before it began, and whoever
//! appended meanwhile gets the next one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use millrace_types::{ErrorCode, Offset};

use crate::partition::Partition;

pub(super) const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
const RUNNING_AND_WANTED: u8 = 3;

impl Partition {
    /// `flush.messages=1`: nothing is acknowledged or shown before it is on the disk itself.
    pub(super) fn commits_in_groups(&self) -> bool {
        self.topic.config.load().flush_messages == Some(1)
    }

    /// `flush.messages` above 1: a flush now and then, that nobody waits for.
    pub(super) fn flush_if_due(&self, end: Offset) {
        let Some(every) = self.topic.config.load().flush_messages else {
            return;
        };
        let unflushed = end - self.view.recovery_point();
        if u64::try_from(unflushed).is_ok_and(|unflushed| unflushed >= every) {
            self.request_flush();
        }
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
