//! When a connection last said something: whoever has to choose takes the one silent for longest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use millrace_types::Clock;

pub(crate) struct Activity {
    clock: Arc<dyn Clock>,
    moved_ms: AtomicU64,
}

impl Activity {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        let activity = Self {
            clock,
            moved_ms: AtomicU64::new(0),
        };
        activity.note();
        Arc::new(activity)
    }

    pub(crate) fn note(&self) {
        let now = u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(now, Ordering::Relaxed);
    }

    /// By the broker's clock.
    pub(crate) fn last(&self) -> Duration {
        Duration::from_millis(self.moved_ms.load(Ordering::Relaxed))
    }
}
