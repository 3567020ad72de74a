//! Where cleanings ended, how fast they may go, and whether they may go on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use millrace_types::{Offset, TopicPartition};
use parking_lot::{Condvar, Mutex};

/// Bytes read between two looks at the rate limit: a fraction of a second of a slow disk.
const RATE_STEP_BYTES: f64 = 4.0 * 1024.0 * 1024.0;

/// Where cleanings ended, and whether they may go on.
#[derive(Default)]
pub(super) struct Cleaning {
    pub(super) checkpoints: Mutex<HashMap<TopicPartition, Offset>>,
    /// Logs that could not be cleaned; they stay as they are until the next start.
    pub(super) failed: Mutex<Vec<TopicPartition>>,
    stopping: AtomicBool,
    pace: Mutex<f64>,
    stopped: Condvar,
}

impl Cleaning {
    pub(super) fn remember(&self, checkpoints: impl IntoIterator<Item = (TopicPartition, Offset)>) {
        self.checkpoints.lock().extend(checkpoints);
    }

    /// A log may have lost its tail: what grows there again was never cleaned.
    pub(super) fn cap(&self, partition: &TopicPartition, end: Offset) {
        if let Some(checkpoint) = self.checkpoints.lock().get_mut(partition) {
            *checkpoint = end.min(*checkpoint);
        }
    }

    pub(super) fn forget(&self, partition: &TopicPartition) {
        self.checkpoints.lock().remove(partition);
        self.failed.lock().retain(|failed| failed != partition);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stopped.notify_all();
    }

    /// Holds the cleaner to `bytes_per_second`; says whether to go on.
    pub(super) fn may_go_on(&self, bytes: usize, bytes_per_second: f64) -> bool {
        if bytes_per_second.is_finite() {
            let mut pace = self.pace.lock();
            *pace += bytes as f64;
            if *pace >= RATE_STEP_BYTES {
                let due = Duration::from_secs_f64(*pace / bytes_per_second);
                *pace = 0.0;
                self.stopped.wait_for(&mut pace, due);
            }
        }
        !self.is_stopping()
    }
}
