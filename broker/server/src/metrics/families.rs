//! Builds metric families for the Prometheus text format. Names and values come from the callers.

use prometheus::proto::{
    Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType, Quantile, Summary,
};
use prometheus::{Encoder, TextEncoder};

use crate::metrics::latency::{LatencySummary, QUANTILES};

/// Labels of one sample, in order.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// The families of one scrape.
#[derive(Default)]
pub struct Families(Vec<MetricFamily>);

impl Families {
    pub fn counter(&mut self, name: &str, help: &str) -> Family<'_> {
        self.family(name, help, MetricType::COUNTER)
    }

    pub fn gauge(&mut self, name: &str, help: &str) -> Family<'_> {
        self.family(name, help, MetricType::GAUGE)
    }

    pub fn summary(&mut self, name: &str, help: &str) -> Family<'_> {
        self.family(name, help, MetricType::SUMMARY)
    }

    fn family(&mut self, name: &str, help: &str, kind: MetricType) -> Family<'_> {
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        Family {
            families: self,
            family,
            metrics: Vec::new(),
        }
    }

    #[must_use]
    pub fn into_text(self) -> String {
        let mut text = Vec::new();
        let families: Vec<_> = self
            .0
            .into_iter()
            .filter(|family| !family.get_metric().is_empty())
            .collect();
        TextEncoder::new()
            .encode(&families, &mut text)
            .expect("writing into memory cannot fail");
        String::from_utf8(text).expect("the text format is UTF-8")
    }
}

/// One family under way; it joins the scrape when it is dropped.
pub struct Family<'a> {
    families: &'a mut Families,
    family: MetricFamily,
    metrics: Vec<Metric>,
}

impl Family<'_> {
    pub fn sample(&mut self, labels: Labels<'_>, value: f64) -> &mut Self {
        let mut metric = labelled(labels);
        match self.family.get_field_type() {
            MetricType::COUNTER => {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            }
            _ => {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
        }
        self.metrics.push(metric);
        self
    }

    pub fn latency(&mut self, labels: Labels<'_>, latency: &LatencySummary) -> &mut Self {
        let mut summary = Summary::default();
        summary.set_sample_count(latency.count);
        summary.set_sample_sum(latency.sum_ms);
        let quantiles = QUANTILES
            .iter()
            .zip(latency.quantiles_ms)
            .map(|(&at, value)| {
                let mut quantile = Quantile::default();
                quantile.set_quantile(at);
                quantile.set_value(value);
                quantile
            });
        summary.set_quantile(quantiles.collect());
        let mut metric = labelled(labels);
        metric.set_summary(summary);
        self.metrics.push(metric);
        self
    }
}

impl Drop for Family<'_> {
    fn drop(&mut self) {
        let mut family = std::mem::take(&mut self.family);
        family.set_metric(std::mem::take(&mut self.metrics));
        self.families.0.push(family);
    }
}

fn labelled(labels: Labels<'_>) -> Metric {
    let pairs = labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    Metric::from_label(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_text_that_prometheus_reads() {
        let mut families = Families::default();
        families
            .counter("c_total", "Counts.")
            .sample(&[("a", "x\"y")], 3.0)
            .sample(&[], 4.0);
        families.gauge("empty", "Has no samples.");
        let latency = LatencySummary {
            count: 2,
            sum_ms: 3.0,
            quantiles_ms: [1.5; 6],
        };
        families.summary("s", "Lasts.").latency(&[], &latency);
        let text = families.into_text();
        assert!(
            text.contains("c_total{a=\"x\\\"y\"} 3\nc_total 4\n"),
            "{text}"
        );
        assert!(text.contains("s{quantile=\"0.5\"} 1.5\n"), "{text}");
        assert!(text.contains("s_sum 3\ns_count 2\n"), "{text}");
        assert!(!text.contains("empty"), "{text}");
    }
}
