//! Reads the clock and pauses, for a program whose purpose is to measure time.

use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this program is for"
)]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "load comes at a given time")]
pub fn pause_until(then: Instant) {
    std::thread::sleep(then.saturating_duration_since(now()));
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process that starts is asked again and again"
)]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
