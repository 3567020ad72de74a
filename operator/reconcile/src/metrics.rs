//! The operator's metrics: one registry, handles for what is counted often, Prometheus text out.

mod process;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use prometheus::core::Collector;
use prometheus::{
    Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use crate::health::Health;
use process::ProcessMetrics;

/// The kinds that are reconciled, as labels.
pub(crate) const CLUSTER: &str = "KafkaCluster";
pub(crate) const TOPIC: &str = "KafkaTopic";

/// The result of a pass that has to be made again.
pub(crate) const FAILED: &str = "failed";

/// Why pods are restarted, as labels.
pub(crate) const IMAGE: &str = "image";
pub(crate) const TEMPLATE: &str = "template";
pub(crate) const PROPERTY: &str = "property";
pub(crate) const RESIZE: &str = "resize";
pub(crate) const ASKED: &str = "asked";

/// From a millisecond, a topic's change, to minutes, the deadline of a pass.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Everything that the operator counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    health: Arc<Health>,
    in_progress_since: GaugeVec,
    /// Whether this replica holds the lease.
    pub leader: IntGauge,
    /// Requests to the API server, by verb and outcome.
    pub kubernetes_requests: IntCounterVec,
    pub(crate) reconciles: IntCounterVec,
    pub(crate) seconds: HistogramVec,
    pub(crate) queue_depth: GaugeVec,
    pub(crate) admin_requests: IntCounterVec,
    pub(crate) restarts: IntCounterVec,
    pub(crate) drift: IntCounterVec,
    pub(crate) resources: GaugeVec,
    process: ProcessMetrics,
}

/// Makes metrics and registers them.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        let counters = IntCounterVec::new(Opts::new(name, help), labels);
        self.register(counters.expect("metric names and labels are legal"))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        let gauges = GaugeVec::new(Opts::new(name, help), labels);
        self.register(gauges.expect("metric names and labels are legal"))
    }

    fn register<C: Collector + Clone + 'static>(&self, metric: C) -> C {
        self.0
            .register(Box::new(metric.clone()))
            .expect("every name is registered once");
        metric
    }
}

fn blanks(metric: &impl Collector) -> Vec<&'static str> {
    let described = metric.desc();
    vec![""; described.first().map_or(0, |one| one.variable_labels.len())]
}

impl Metrics {
    /// Fresh metrics, all at zero.
    pub fn new(health: Arc<Health>) -> Self {
        let registry = Registry::new();
        let make = Maker(&registry);
        let seconds = HistogramOpts::new(
            "millrace_operator_reconcile_seconds",
            "How long a pass over one resource took, from its turn to its status",
        );
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["kind"]);
        let leader = IntGauge::new(
            "millrace_operator_leader",
            "1 while this replica holds the lease",
        );
        let metrics = Self {
            reconciles: make.counters(
                "millrace_operator_reconciles_total",
                "Passes over a resource",
                &["kind", "result"],
            ),
            seconds: make.register(seconds.expect("metric names and labels are legal")),
            in_progress_since: make.gauges(
                "millrace_operator_reconcile_in_progress_since_seconds",
                "Unix time at which the oldest running pass began; 0 while none runs",
                &["kind"],
            ),
            queue_depth: make.gauges(
                "millrace_operator_queue_depth",
                "Resources that wait for a pass",
                &["kind"],
            ),
            kubernetes_requests: make.counters(
                "millrace_operator_kubernetes_requests_total",
                "Requests to the API server",
                &["verb", "outcome"],
            ),
            admin_requests: make.counters(
                "millrace_operator_admin_requests_total",
                "Requests to Kafka clusters",
                &["call", "outcome"],
            ),
            restarts: make.counters(
                "millrace_operator_restarts_total",
                "Pods that the operator stopped so that they start anew",
                &["reason"],
            ),
            drift: make.counters(
                "millrace_operator_drift_reverted_total",
                "Changes made behind a resource's back that were put back",
                &["kind"],
            ),
            resources: make.gauges(
                "millrace_operator_resources",
                "Resources, by whether they are ready",
                &["kind", "ready"],
            ),
            leader: make.register(leader.expect("metric names are legal")),
            process: ProcessMetrics::new(&registry),
            registry,
            health,
        };
        metrics.show_zeros();
        metrics
    }

    /// What seldom happens is shown before it does: a rise from nothing is none to Prometheus.
    fn show_zeros(&self) {
        for reason in [IMAGE, TEMPLATE, PROPERTY, RESIZE, ASKED] {
            self.restarts.with_label_values(&[reason]);
        }
        for kind in [CLUSTER, TOPIC] {
            self.reconciles.with_label_values(&[kind, FAILED]);
        }
        self.drift.with_label_values(&[TOPIC]);
        for kind in [CLUSTER, TOPIC] {
            for ready in ["true", "false"] {
                self.resources.with_label_values(&[kind, ready]);
            }
        }
    }

    /// One series of everything that is counted, for the page that lists names and labels.
    pub(crate) fn specimen() -> Self {
        let all = Self::new(Arc::new(Health::default()));
        // Named one by one, so that none is forgotten.
        let Self {
            registry: _,
            health: _,
            process: _,
            leader: _,
            in_progress_since,
            kubernetes_requests,
            reconciles,
            seconds,
            queue_depth,
            admin_requests,
            restarts,
            drift,
            resources,
        } = &all;
        for counters in [
            kubernetes_requests,
            reconciles,
            admin_requests,
            restarts,
            drift,
        ] {
            counters.with_label_values(&blanks(counters));
        }
        for gauges in [in_progress_since, queue_depth, resources] {
            gauges.with_label_values(&blanks(gauges));
        }
        seconds.with_label_values(&blanks(seconds));
        all
    }

    /// Every metric as Prometheus text.
    pub fn render(&self) -> String {
        let now = Timestamp::now().as_duration().as_secs_f64();
        for kind in [CLUSTER, TOPIC] {
            let since = self
                .health
                .oldest(kind)
                .map_or(0.0, |age| now - age.as_secs_f64());
            self.in_progress_since.with_label_values(&[kind]).set(since);
        }
        self.process.refresh();
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .expect("writing to memory does not fail");
        String::from_utf8(text).expect("Prometheus text is UTF-8")
    }

    /// Counts one pass.
    pub(crate) fn pass(&self, kind: &str, result: &str, took: Duration) {
        self.reconciles.with_label_values(&[kind, result]).inc();
        self.seconds
            .with_label_values(&[kind])
            .observe(took.as_secs_f64());
    }
}
