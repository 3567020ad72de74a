//! How long is waited before something is tried again: longer each time, and not for everybody at the same
//! moment. The waits of one name are the same in every run, so that a test with a seed is one run.

use std::time::Duration;

use kube::runtime::utils::Backoff;

/// The largest share of a wait that is added to it.
const SHARE: u32 = 8;
/// Waits of watches that failed double from the first to the second of these.
const WATCH_FIRST: Duration = Duration::from_millis(800);
const WATCH_LAST: Duration = Duration::from_secs(30);

/// The wait and up to an eighth more, the same for a name each time.
pub(crate) fn spread(wait: Duration, name: &str) -> Duration {
    let sum = name.bytes().fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    wait + wait * (sum % 64) / (64 * SHARE)
}

/// `first`, and twice as long after each further failure, up to `last`.
pub(crate) fn doubled(first: Duration, last: Duration, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    first.saturating_mul(1 << doublings).min(last)
}

/// The waits of a watch, by the kind that it watches.
#[derive(Debug)]
pub(crate) struct WatchWaits {
    of: String,
    failures: u32,
}

impl WatchWaits {
    pub(crate) fn of(kind: impl Into<String>) -> Self {
        Self {
            of: kind.into(),
            failures: 0,
        }
    }
}

impl Iterator for WatchWaits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.failures = self.failures.saturating_add(1);
        let wait = doubled(WATCH_FIRST, WATCH_LAST, self.failures);
        Some(spread(wait, &self.of))
    }
}

impl Backoff for WatchWaits {
    fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_wait_longer_each_time_up_to_a_bound_and_each_in_its_own_way() {
        let waits: Vec<Duration> = WatchWaits::of("Pod").take(40).collect();
        assert!(waits[0] >= WATCH_FIRST && waits[0] < WATCH_FIRST * 9 / 8);
        assert!(waits.is_sorted());
        assert!(waits[39] >= WATCH_LAST && waits[39] < WATCH_LAST * 9 / 8);
        assert_eq!(waits, WatchWaits::of("Pod").take(40).collect::<Vec<_>>());
        assert_ne!(waits[0], spread(WATCH_FIRST, "Service"));
        let mut again = WatchWaits::of("Pod");
        let first = again.next();
        again.next();
        again.reset();
        assert_eq!(again.next(), first);
    }
}
