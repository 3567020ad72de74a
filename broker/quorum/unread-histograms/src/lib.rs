//! Stands in for the crate `base2histogram`, as far as openraft names it, and remembers nothing.
//!
//! openraft fills a dozen histograms that only its feature `runtime-stats` can read, which is off
//! here. The crate they come from makes tables for sixteen resolutions when the first histogram is
//! made: 26 MB, more than the rest of an idle broker (`docs/adr/0004-histograms-nobody-reads.md`).

use std::fmt;
use std::marker::PhantomData;

/// Takes values and forgets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram<T = ()>(PhantomData<T>);

impl<T> Default for Histogram<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Histogram<T> {
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    pub const fn record(&mut self, _value: u64) {}

    pub const fn record_n(&mut self, _value: u64, _count: u64) {}

    /// What there is to say of no value.
    #[must_use]
    pub fn percentile_stats(&self) -> PercentileStats {
        PercentileStats::default()
    }
}

/// How values were distributed, had they been kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentileStats {
    pub samples: u64,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p99_9: u64,
}

impl fmt::Display for PercentileStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not kept")
    }
}

/// A drawing of histograms, were there anything to draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsciiChart;

impl AsciiChart {
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    #[must_use]
    pub fn add(self, _name: &str, _histogram: Histogram) -> Self {
        self
    }
}
