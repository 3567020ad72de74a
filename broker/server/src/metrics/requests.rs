//! Requests by API: how many of each version, how many failed, and where their time went.

use std::sync::OnceLock;
use std::time::Duration;

use hashbrown::HashMap;
use millrace_replication::{Count, Latency};
use millrace_types::ErrorCode;
use millrace_wire::{ApiKey, SERVED};
use parking_lot::Mutex;

use crate::metrics::catalog::{self, Metric};
use crate::metrics::families::Families;

/// What happened to one request, by the broker's clock.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    pub key: ApiKey,
    /// Its frame was in memory.
    pub arrived: Duration,
    pub began: Duration,
    /// It had to wait for the first time, if ever.
    pub parked: Option<Duration>,
    pub answered: Duration,
}

/// The parts of a request's time.
#[derive(Debug, Default)]
struct Stages {
    total: Latency,
    request_queue: Latency,
    local: Latency,
    remote: Latency,
    response_queue: Latency,
    response_send: Latency,
}

type Stage = (&'static Metric, fn(&Stages) -> &Latency);

const STAGES: [Stage; 6] = [
    (&catalog::TOTAL_TIME, |stages| &stages.total),
    (&catalog::REQUEST_QUEUE_TIME, |stages| &stages.request_queue),
    (&catalog::LOCAL_TIME, |stages| &stages.local),
    (&catalog::REMOTE_TIME, |stages| &stages.remote),
    (&catalog::RESPONSE_QUEUE_TIME, |stages| {
        &stages.response_queue
    }),
    (&catalog::RESPONSE_SEND_TIME, |stages| &stages.response_send),
];

impl Stages {
    fn record(&self, line: &Timeline, sending: Duration, sent: Duration) {
        let parked = line.parked.unwrap_or(line.answered);
        let spans = [
            (&self.total, line.arrived, sent),
            (&self.request_queue, line.arrived, line.began),
            (&self.local, line.began, parked),
            (&self.remote, parked, line.answered),
            (&self.response_queue, line.answered, sending),
            (&self.response_send, sending, sent),
        ];
        for (latency, from, to) in spans {
            latency.record(to.saturating_sub(from));
        }
    }
}

#[derive(Debug)]
struct ApiMeter {
    key: ApiKey,
    min_version: i16,
    by_version: Vec<Count>,
    malformed: Count,
    /// There once the API was used: most clients use few.
    stages: OnceLock<Box<Stages>>,
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
                stages: OnceLock::new(),
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

    pub fn answered(&self, key: ApiKey, version: i16) {
        let Some(meter) = self.of(key) else { return };
        let at = usize::try_from(version - meter.min_version).ok();
        if let Some(count) = at.and_then(|at| meter.by_version.get(at)) {
            count.increment();
        }
    }

    /// The answer left between `sending` and `sent`.
    pub fn left(&self, line: &Timeline, sending: Duration, sent: Duration) {
        if let Some(meter) = self.of(line.key) {
            let stages = meter.stages.get_or_init(Box::default);
            stages.record(line, sending, sent);
        }
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
        for (metric, latency) in STAGES {
            let mut times = families.of(metric);
            for meter in meters() {
                let Some(stages) = meter.stages.get() else {
                    continue;
                };
                let summary = latency(stages).summarize(now);
                times.latency(&[meter.key.name()], &summary);
                if meter.key == ApiKey::Fetch {
                    // No broker follows another yet: whoever fetches is a consumer.
                    times.latency(&["FetchConsumer"], &summary);
                }
            }
        }
    }
}
