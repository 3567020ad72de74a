//! How busy the workers are that serve clients, between one scrape and the next.

use std::time::Duration;

use tokio::runtime::RuntimeMetrics;

use crate::metrics::rate::Rate;

#[derive(Debug, Default)]
pub(super) struct Workers {
    busy_seconds: Rate,
}

impl Workers {
    /// From 0, all were busy all the time, to 1.
    pub(super) fn idle_share(&self, now: Duration, runtime: &RuntimeMetrics) -> f64 {
        let workers = runtime.num_workers();
        let busy = (0..workers).map(|worker| runtime.worker_total_busy_duration(worker));
        let busy: Duration = busy.sum();
        let share = self.busy_seconds.per_second(now, busy.as_secs_f64()) / workers as f64;
        (1.0 - share).clamp(0.0, 1.0)
    }
}
