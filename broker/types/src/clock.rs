//! Time as a value. Cores take `now`; whoever drives them takes a [`Clock`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, as Kafka writes time.
pub type Timestamp = i64;

/// Milliseconds since a clock was made: what deadlines are reckoned in.
pub type SteadyMs = i64;

/// One reading of a clock. A wall clock that is set must neither end every wait at once nor go
/// unnoticed by what is written down from then on, so whoever needs both is given both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub wall: Timestamp,
    pub steady: SteadyMs,
}

impl Moment {
    /// On a clock that began with the epoch and was never set.
    #[must_use]
    pub const fn at(millis: i64) -> Self {
        Self {
            wall: millis,
            steady: millis,
        }
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Wall-clock time, for what is written down or shown. It may jump.
    fn now(&self) -> Timestamp;

    /// Time since this clock was made, for timeouts. It never goes back.
    fn elapsed(&self) -> Duration;

    fn moment(&self) -> Moment {
        Moment {
            wall: self.now(),
            steady: SteadyMs::try_from(self.elapsed().as_millis()).unwrap_or(SteadyMs::MAX),
        }
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where monotonic time comes from"
    )]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where wall-clock time comes from"
    )]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::try_from(since_epoch.as_millis()).unwrap_or(Timestamp::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that a test moves by hand.
#[derive(Debug)]
pub struct ManualClock {
    start: AtomicI64,
    elapsed: AtomicI64,
}

impl ManualClock {
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self {
            start: AtomicI64::new(start),
            elapsed: AtomicI64::new(0),
        }
    }

    pub fn advance(&self, millis: i64) {
        self.elapsed.fetch_add(millis, Ordering::Relaxed);
    }

    /// Sets the wall clock forward, or back, while no time passes.
    pub fn step(&self, millis: i64) {
        self.start.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.start.load(Ordering::Relaxed) + self.elapsed.load(Ordering::Relaxed)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed.load(Ordering::Relaxed).unsigned_abs())
    }
}
