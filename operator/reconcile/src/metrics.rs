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
        Self {
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
                "Pods the operator stopped so that they start anew",
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
        }
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
