//! How busy the workers are that serve clients, between one scrape and the next.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::RuntimeMetrics;

/// Scrapes closer together see the same figure, so that two scrapers do not shred each other's.
const SHORTEST_SPAN: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Workers(Mutex<Seen>);

#[derive(Debug)]
struct Seen {
    at: Duration,
    busy: Duration,
    idle_share: f64,
}

impl Default for Workers {
    fn default() -> Self {
        Self(Mutex::new(Seen {
            at: Duration::ZERO,
            busy: Duration::ZERO,
            idle_share: 1.0,
        }))
    }
}

impl Workers {
    /// From 0, all were busy all the time, to 1.
    pub(super) fn idle_share(&self, now: Duration, runtime: &RuntimeMetrics) -> f64 {
        let workers = runtime.num_workers();
        let busy = (0..workers).map(|worker| runtime.worker_total_busy_duration(worker));
        self.0.lock().update(now, busy.sum(), workers)
    }
}

impl Seen {
    fn update(&mut self, now: Duration, busy: Duration, workers: usize) -> f64 {
        let span = now.saturating_sub(self.at);
        if span >= SHORTEST_SPAN {
            let share = busy.saturating_sub(self.busy).as_secs_f64()
                / (span.as_secs_f64() * workers as f64);
            *self = Self {
                at: now,
                busy,
                idle_share: (1.0 - share).clamp(0.0, 1.0),
            };
        }
        self.idle_share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_one_scrape_to_the_next() {
        let workers = Workers::default();
        let mut seen = workers.0.lock();
        let second = Duration::from_secs(1);
        assert!((seen.update(second * 10, second * 5, 2) - 0.75).abs() < 1e-9);
        assert!((seen.update(second * 20, second * 25, 2) - 0.0).abs() < 1e-9);
        let soon = second * 20 + second / 2;
        assert!((seen.update(soon, second * 25, 2) - 0.0).abs() < 1e-9);
    }
}
