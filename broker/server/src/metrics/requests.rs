//! Requests by API: how many of each version, how many failed, how long they took.

use std::time::Duration;

use hashbrown::HashMap;
use millrace_replication::{Count, Latency};
use millrace_types::ErrorCode;
use millrace_wire::{ApiKey, SERVED};
use parking_lot::Mutex;

use crate::metrics::catalog;
use crate::metrics::families::Families;

#[derive(Debug)]
struct ApiMeter {
    key: ApiKey,
    min_version: i16,
    by_version: Vec<Count>,
    malformed: Count,
    total_time: Latency,
    errors: Mutex<HashMap<ErrorCode, u64>>,
}

/// One meter for each API that is served, found by number.
#[derive(Debug)]
pub struct RequestMeters {
    by_key: Vec<Option<Box<ApiMeter>>>,
}

impl Default for RequestMeters {
    fn default() -> Self {
        let mut by_key = Vec::new();
        for served in SERVED {
            let at = usize::try_from(served.key.code()).expect("keys are not negative");
            by_key.resize_with(at + 1, || None);
            let versions = served.versions;
            by_key[at] = Some(Box::new(ApiMeter {
                key: served.key,
                min_version: versions.min,
                by_version: versions.iter().map(|_| Count::default()).collect(),
                malformed: Count::default(),
                total_time: Latency::default(),
                errors: Mutex::default(),
            }));
        }
        Self { by_key }
    }
}

impl RequestMeters {
    fn of(&self, key: ApiKey) -> Option<&ApiMeter> {
        self.by_key
            .get(usize::try_from(key.code()).ok()?)?
            .as_deref()
    }

    pub fn answered(&self, key: ApiKey, version: i16, took: Duration) {
        let Some(meter) = self.of(key) else { return };
        let at = usize::try_from(version - meter.min_version).ok();
        if let Some(count) = at.and_then(|at| meter.by_version.get(at)) {
            count.increment();
        }
        meter.total_time.record(took);
    }

    pub fn malformed(&self, key: ApiKey) {
        if let Some(meter) = self.of(key) {
            meter.malformed.increment();
        }
    }

    /// Notes an error that an answer carries. Errors are rare: this takes a lock.
    pub fn failed(&self, key: ApiKey, error: ErrorCode) {
        if let Some(meter) = self.of(key) {
            *meter.errors.lock().entry(error).or_insert(0) += 1;
        }
    }

    pub fn scrape(&self, now: Duration, families: &mut Families) {
        let meters = || self.by_key.iter().flatten();
        let mut requests = families.of(&catalog::REQUESTS);
        for meter in meters() {
            for (version, count) in (meter.min_version..).zip(&meter.by_version) {
                if count.value() > 0 {
                    let labels = [meter.key.name(), &version.to_string()];
                    requests.sample(&labels, count.value() as f64);
                }
            }
        }
        drop(requests);
        let mut errors = families.of(&catalog::ERRORS);
        for meter in meters() {
            for (error, &count) in &*meter.errors.lock() {
                errors.sample(&[meter.key.name(), error.name()], count as f64);
            }
            if meter.malformed.value() > 0 {
                let labels = [meter.key.name(), "MALFORMED"];
                errors.sample(&labels, meter.malformed.value() as f64);
            }
        }
        drop(errors);
        let mut times = families.of(&catalog::TOTAL_TIME);
        for meter in meters().filter(|meter| meter.total_time.count() > 0) {
            let summary = meter.total_time.summarize(now);
            times.latency(&[meter.key.name()], &summary);
            if meter.key == ApiKey::Fetch {
                // No broker follows another yet: whoever fetches is a consumer.
                times.latency(&["FetchConsumer"], &summary);
            }
        }
    }
}
