//! How long to wait before the next try. Pure: the attempt and a jitter in, a duration out.

use std::time::Duration;

use millrace_types::Uuid;
use parking_lot::Mutex;

/// How often and how long a call is tried again.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Wait before the second try; it doubles from there.
    pub first: Duration,
    pub longest: Duration,
    /// No try begins later than this after the first one.
    pub give_up_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(50),
            longest: Duration::from_secs(1),
            give_up_after: Duration::from_secs(60),
        }
    }
}

/// Doubling further than this would overflow, and every real policy is at its longest by then.
const MAX_DOUBLINGS: u32 = 16;

impl RetryPolicy {
    /// The wait after `failures` failed tries, between half and all of the doubled wait; `jitter`
    /// from 0 to 1 says where.
    #[must_use]
    pub fn wait(&self, failures: u32, jitter: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        whole.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }
}

/// Numbers between 0 and 1 from one seed, so that a test sees the same ones again.
#[derive(Debug)]
pub struct Jitter {
    state: Mutex<u64>,
}

impl Jitter {
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            state: Mutex::new(seed),
        }
    }

    #[must_use]
    pub fn random() -> Self {
        let [a, b, c, d, e, f, g, h, ..] = Uuid::random().0;
        Self::seeded(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// SplitMix64: every seed gives a full period.
    #[must_use]
    pub fn next_u64(&self) -> u64 {
        let mut state = self.state.lock();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    #[must_use]
    pub fn next(&self) -> f64 {
        let top = u32::try_from(self.next_u64() >> 32).unwrap_or(u32::MAX);
        f64::from(top) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_jitter_takes_up_to_half() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = [0, 1, 2, 3, 6, 1000]
            .map(|failures| policy.wait(failures, 1.0).as_millis())
            .into();
        assert_eq!(waits, [50, 50, 100, 200, 1000, 1000]);
        assert_eq!(policy.wait(2, 0.0).as_millis(), 50);
    }

    #[test]
    fn jitter_repeats_with_its_seed() {
        let (one, other) = (Jitter::seeded(7), Jitter::seeded(7));
        for _ in 0..100 {
            let number = one.next();
            assert!((0.0..=1.0).contains(&number));
            assert_eq!(number.to_bits(), other.next().to_bits());
        }
    }
}
