//! Durations in bounded memory, and what they come to.

use std::time::Duration;

use serde_json::{Value, json};

/// Enough that the 99.9th percentile rests on hundreds of samples.
const MAX_SAMPLES: usize = 500_000;

/// Keeps every so-many-th duration; when memory is full, half as many from then on.
#[derive(Debug)]
pub(crate) struct Samples {
    micros: Vec<u64>,
    every: u64,
    seen: u64,
    longest: u64,
}

impl Samples {
    pub(crate) const fn new() -> Self {
        Self {
            micros: Vec::new(),
            every: 1,
            seen: 0,
            longest: 0,
        }
    }

    pub(crate) fn add(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.longest = self.longest.max(micros);
        if self.seen.is_multiple_of(self.every) {
            if self.micros.len() == MAX_SAMPLES {
                let mut index = 0_u64;
                self.micros.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.every *= 2;
            }
            self.micros.push(micros);
        }
        self.seen += 1;
    }

    /// Milliseconds at these percentiles, and the longest.
    pub(crate) fn percentiles(mut self, wanted: &[f64]) -> Vec<Value> {
        self.micros.sort_unstable();
        let at = |percentile: f64| {
            let last = self.micros.len().checked_sub(1)?;
            // Positions are far below 2^52, where doubles are exact.
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
            #[expect(clippy::cast_sign_loss, reason = "a percentile is not negative")]
            let position = (last as f64 * percentile / 100.0).round() as usize;
            self.micros.get(position).copied()
        };
        let mut values: Vec<_> = wanted
            .iter()
            .map(|&p| at(p).map_or(Value::Null, millis))
            .collect();
        values.push(millis(self.longest));
        values
    }
}

fn millis(micros: u64) -> Value {
    let seconds = Duration::from_micros(micros).as_secs_f64();
    json!((seconds * 1_000_000.0).round() / 1000.0)
}

/// A count per second, rounded to what is worth reading.
pub(crate) fn rate(count: u64, took: Duration) -> Value {
    let seconds = took.as_secs_f64().max(f64::EPSILON);
    #[expect(clippy::cast_precision_loss, reason = "a rate is read to a few digits")]
    let rate = count as f64 / seconds;
    json!((rate * 10.0).round() / 10.0)
}

/// Megabytes per second.
pub(crate) fn megabytes(bytes: u64, took: Duration) -> Value {
    const MEGABYTE: u64 = 1_000_000;
    const DIGITS: u64 = 100;
    let hundredths = rate(bytes / (MEGABYTE / DIGITS), took);
    json!(hundredths.as_f64().unwrap_or_default().round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_added() {
        let mut samples = Samples::new();
        for millis in 0..=1000 {
            samples.add(Duration::from_millis(millis));
        }
        let found = samples.percentiles(&[50.0, 99.0]);
        assert_eq!(found, [json!(500.0), json!(990.0), json!(1000.0)]);
        assert_eq!(
            Samples::new().percentiles(&[50.0]),
            [Value::Null, json!(0.0)]
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut samples = Samples::new();
        for _ in 0..(3 * MAX_SAMPLES) {
            samples.add(Duration::from_micros(7));
        }
        assert!(samples.micros.len() <= MAX_SAMPLES);
        assert_eq!(samples.percentiles(&[99.9]), [json!(0.007), json!(0.007)]);
    }

    #[test]
    fn rates_are_per_second() {
        assert_eq!(rate(1000, Duration::from_millis(500)), json!(2000.0));
        assert_eq!(megabytes(5_000_000, Duration::from_secs(2)), json!(2.5));
    }
}
