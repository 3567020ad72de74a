//! How fast a total grows, from one scrape to the next.

use std::time::Duration;

use parking_lot::Mutex;

/// Scrapes closer together see the same figure, so that two scrapers do not shred each other's.
const SHORTEST_SPAN: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Rate(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    at: Duration,
    total: f64,
    per_second: f64,
}

impl Rate {
    pub(super) fn per_second(&self, now: Duration, total: f64) -> f64 {
        let mut seen = self.0.lock();
        let span = now.saturating_sub(seen.at);
        if span >= SHORTEST_SPAN {
            *seen = Seen {
                at: now,
                total,
                per_second: (total - seen.total) / span.as_secs_f64(),
            };
        }
        seen.per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_one_scrape_to_the_next() {
        let rate = Rate::default();
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value}");
        near(rate.per_second(Duration::from_secs(10), 5.0), 0.5);
        near(rate.per_second(Duration::from_secs(20), 25.0), 2.0);
        near(rate.per_second(Duration::from_millis(20_500), 99.0), 2.0);
    }
}
