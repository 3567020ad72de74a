//! Durations, kept so that recording one costs three relaxed additions and quantiles can be read
//! at any time. Knows nothing of names or labels.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// Buckets within each doubling: a reported value is at most an eighth off.
const STEPS: u64 = 8;
const STEPS_BITS: u32 = STEPS.trailing_zeros();

/// Microseconds up to 2^36, about nineteen hours; longer counts as that.
const DOUBLINGS: usize = 34;
const BUCKETS: usize = DOUBLINGS * STEPS as usize;

/// Quantiles speak of the last one to two windows, so that a dashboard shows now and not ever.
const WINDOW: Duration = Duration::from_secs(60);

/// The quantiles that Kafka's dashboards ask for.
pub const QUANTILES: [f64; 6] = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999];

#[derive(Debug)]
struct Window([AtomicU32; BUCKETS]);

impl Default for Window {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU32::new(0)))
    }
}

/// How long something takes.
#[derive(Debug, Default)]
pub struct Latency {
    count: AtomicU64,
    sum_micros: AtomicU64,
    /// The one that is recorded into; the other is the one before.
    current: AtomicUsize,
    windows: [Window; 2],
    window_began: Mutex<Duration>,
}

/// What is known of a [`Latency`] at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencySummary {
    pub count: u64,
    pub sum_ms: f64,
    /// In the order of [`QUANTILES`]; zero when nothing happened lately, as are the next two.
    pub quantiles_ms: [f64; QUANTILES.len()],
    pub mean_ms: f64,
    pub max_ms: f64,
}

impl Latency {
    pub fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
        let window = &self.windows[self.current.load(Ordering::Relaxed)];
        window.0[bucket_of(micros)].fetch_add(1, Ordering::Relaxed);
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub fn summarize(&self, now: Duration) -> LatencySummary {
        self.turn_over(now);
        let counts: Vec<u64> = (0..BUCKETS)
            .map(|bucket| {
                let of = |window: &Window| u64::from(window.0[bucket].load(Ordering::Relaxed));
                self.windows.iter().map(of).sum()
            })
            .collect();
        LatencySummary {
            count: self.count(),
            sum_ms: millis(self.sum_micros.load(Ordering::Relaxed)),
            quantiles_ms: QUANTILES.map(|quantile| quantile_ms(&counts, quantile)),
            mean_ms: mean_ms(&counts),
            max_ms: quantile_ms(&counts, 1.0),
        }
    }

    fn turn_over(&self, now: Duration) {
        let mut began = self.window_began.lock();
        if now.saturating_sub(*began) < WINDOW {
            return;
        }
        *began = now;
        let older = 1 - self.current.load(Ordering::Relaxed);
        for bucket in &self.windows[older].0 {
            bucket.store(0, Ordering::Relaxed);
        }
        self.current.store(older, Ordering::Relaxed);
    }
}

fn quantile_ms(counts: &[u64], quantile: f64) -> f64 {
    let total: u64 = counts.iter().sum();
    let rank = (quantile * total as f64).ceil() as u64;
    let mut seen = 0;
    for (bucket, count) in counts.iter().enumerate() {
        seen += count;
        if *count > 0 && seen >= rank {
            return millis(upper_bound_of(bucket));
        }
    }
    0.0
}

fn mean_ms(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let sum = counts.iter().enumerate().map(|(bucket, &count)| {
        let each = upper_bound_of(bucket);
        count as f64 * millis(each)
    });
    sum.sum::<f64>() / total.max(1) as f64
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// Values below [`STEPS`] have a bucket each; above, each doubling has [`STEPS`] of them.
fn bucket_of(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let doubling = micros.ilog2() - STEPS_BITS;
    let step = (micros >> doubling) - STEPS;
    let bucket = u64::from(doubling + 1) * STEPS + step;
    (bucket as usize).min(BUCKETS - 1)
}

fn upper_bound_of(bucket: usize) -> u64 {
    let (doubling, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    match doubling {
        0 => step,
        _ => ((STEPS + step + 1) << (doubling - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket() {
        for micros in (0..100_000).chain([1 << 20, (1 << 20) + 12_345, 1 << 35]) {
            let bucket = bucket_of(micros);
            assert!(micros <= upper_bound_of(bucket), "{micros}");
            assert!(
                bucket == 0 || micros > upper_bound_of(bucket - 1),
                "{micros}"
            );
            assert!(
                upper_bound_of(bucket) <= micros + micros / STEPS,
                "{micros}"
            );
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_those_of_what_was_recorded() {
        let latency = Latency::default();
        for millis in 1..=1000 {
            latency.record(Duration::from_millis(millis));
        }
        let summary = latency.summarize(Duration::ZERO);
        assert_eq!(summary.count, 1000);
        assert!((summary.sum_ms - 500_500.0).abs() < 0.001);
        for (quantile, value) in QUANTILES.iter().zip(summary.quantiles_ms) {
            let exact = quantile * 1000.0;
            assert!(
                value >= exact && value <= exact * 1.13,
                "{quantile}: {value}"
            );
        }
        assert!(
            summary.mean_ms >= 500.5 && summary.mean_ms <= 500.5 * 1.13,
            "{}",
            summary.mean_ms
        );
        assert!(
            summary.max_ms >= 1000.0 && summary.max_ms <= 1130.0,
            "{}",
            summary.max_ms
        );
    }

    #[test]
    fn quantiles_forget_what_is_two_windows_old_and_counts_do_not() {
        let latency = Latency::default();
        latency.record(Duration::from_secs(5));
        assert!(latency.summarize(WINDOW).quantiles_ms[0] > 4000.0);
        let later = latency.summarize(WINDOW * 3);
        assert_eq!((later.count, later.quantiles_ms[0] as u64), (1, 0));
        assert_eq!((later.mean_ms as u64, later.max_ms as u64), (0, 0));
    }
}
