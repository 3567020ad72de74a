//! In how many days a volume is full if it goes on growing as it did. The answer moves in coarse
//! steps and stays where it is near their borders: it is written into a status, and a status that
//! changes all the time costs everybody who watches.

use std::collections::VecDeque;
use std::time::Duration;

use millrace_types::Timestamp;

/// Samples closer together say nothing new.
pub const SAMPLE_EVERY: Duration = Duration::from_mins(10);
/// Growth is looked at over a day, which has its busy hours and its quiet ones.
pub const WINDOW: Duration = Duration::from_hours(24);
/// Less than this is too short to speak of days.
pub const OBSERVED_AT_LEAST: Duration = Duration::from_hours(1);

/// What is told, in days; beyond the last one nothing is.
const STEPS: [u32; 13] = [0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180];
/// A neighbouring step is taken only this far beyond its border.
const MARGIN: f64 = 0.1;

const DAY_MS: f64 = 86_400_000.0;

/// The growth of one volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    samples: VecDeque<(Timestamp, u64)>,
    told: Option<u32>,
}

impl Growth {
    /// `told` is what the status said before this operator started.
    #[must_use]
    pub fn resume(told: Option<u32>) -> Self {
        Self {
            samples: VecDeque::new(),
            told,
        }
    }

    /// Days left after one more look at the volume; `None` while it does not grow, or for longer
    /// than anybody plans.
    pub fn observe(&mut self, now: Timestamp, used: u64, free: u64) -> Option<u32> {
        self.remember(now, used);
        if let Some(days) = self.exact(free) {
            self.told = settle(days, self.told);
        }
        self.told
    }

    fn remember(&mut self, now: Timestamp, used: u64) {
        let apart =
            |earlier: Timestamp, limit: Duration| elapsed(earlier, now) >= limit.as_millis();
        if let Some((last, _)) = self.samples.back()
            && !apart(*last, SAMPLE_EVERY)
        {
            return;
        }
        self.samples.push_back((now, used));
        while let Some((first, _)) = self.samples.front()
            && elapsed(*first, now) > WINDOW.as_millis()
        {
            self.samples.pop_front();
        }
    }

    /// Infinite when the volume does not grow; `None` when that cannot be said yet.
    fn exact(&self, free: u64) -> Option<f64> {
        let (from, used_then) = *self.samples.front()?;
        let (to, used_now) = *self.samples.back()?;
        let observed = elapsed(from, to);
        if observed < OBSERVED_AT_LEAST.as_millis() {
            return None;
        }
        if free == 0 {
            return Some(0.0);
        }
        let grown = used_now.saturating_sub(used_then);
        Some(float(u128::from(free)) / float(u128::from(grown)) * float(observed) / DAY_MS)
    }
}

/// The step for so many days, unless the one that was told is still close enough.
fn settle(days: f64, told: Option<u32>) -> Option<u32> {
    let step = |days: f64| {
        let mut fitting = STEPS.iter().rev();
        let longest = f64::from(STEPS[STEPS.len() - 1]) * 2.0;
        fitting
            .find(|step| f64::from(**step) <= days)
            .filter(|_| days < longest)
            .copied()
    };
    let close = [step(days * (1.0 - MARGIN)), step(days * (1.0 + MARGIN))];
    if close.contains(&told) {
        told
    } else {
        step(days)
    }
}

fn elapsed(from: Timestamp, to: Timestamp) -> u128 {
    u128::try_from(to.saturating_sub(from)).unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "an estimate needs no more digits"
)]
fn float(number: u128) -> f64 {
    number as f64
}
