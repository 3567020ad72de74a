//! Writes metric families in Prometheus' text format, one at a time. Names come from the catalog,
//! values from the callers.

use prometheus::proto::{
    Counter, Gauge, LabelPair, Metric as Sample, MetricFamily, MetricType, Quantile, Summary,
};
use prometheus::{Encoder, TextEncoder};

use millrace_replication::{LatencySummary, QUANTILES};

use crate::metrics::catalog::{Kind, Metric};

/// Topics that have series of their own in a scrape: a dashboard of more is no dashboard.
pub(crate) const SERIES_TOPICS_MAX: usize = 10_000;

/// The families of one scrape, as text: a family of many series is never in memory twice.
#[derive(Default)]
pub struct Families(Vec<u8>);

impl Families {
    /// Begins a family; it joins the text when it is dropped, if it has samples.
    pub fn of(&mut self, metric: &'static Metric) -> Family<'_> {
        Family {
            text: &mut self.0,
            metric,
            samples: Vec::new(),
        }
    }

    /// A family of one sample without labels.
    pub fn value(&mut self, metric: &'static Metric, value: f64) {
        self.of(metric).sample(&[], value);
    }

    #[must_use]
    pub fn into_text(self) -> String {
        String::from_utf8(self.0).expect("the text format is UTF-8")
    }
}

/// One family under way.
pub struct Family<'a> {
    text: &'a mut Vec<u8>,
    metric: &'static Metric,
    samples: Vec<Sample>,
}

impl Family<'_> {
    /// Adds a sample; the label values are in the catalog's order of labels, and may stop short.
    pub fn sample(&mut self, labels: &[&str], value: f64) {
        let mut sample = self.labelled(labels);
        if self.metric.kind == Kind::Counter {
            let mut counter = Counter::default();
            counter.set_value(value);
            sample.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            sample.set_gauge(gauge);
        }
        self.samples.push(sample);
    }

    pub fn latency(&mut self, labels: &[&str], latency: &LatencySummary) {
        let mut summary = Summary::default();
        summary.set_sample_count(latency.count);
        summary.set_sample_sum(latency.sum_ms);
        let quantiles = QUANTILES.iter().zip(latency.quantiles_ms);
        let quantiles = quantiles.map(|(&at, value)| {
            let mut quantile = Quantile::default();
            quantile.set_quantile(at);
            quantile.set_value(value);
            quantile
        });
        summary.set_quantile(quantiles.collect());
        let mut sample = self.labelled(labels);
        sample.set_summary(summary);
        self.samples.push(sample);
    }

    fn labelled(&self, values: &[&str]) -> Sample {
        let pairs = self.metric.labels.iter().zip(values).map(|(name, value)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value((*value).to_owned());
            pair
        });
        Sample::from_label(pairs.collect())
    }
}

impl Drop for Family<'_> {
    fn drop(&mut self) {
        if self.samples.is_empty() {
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(self.metric.name.to_owned());
        family.set_help(self.metric.help.to_owned());
        family.set_field_type(match self.metric.kind {
            Kind::Counter => MetricType::COUNTER,
            Kind::Gauge => MetricType::GAUGE,
            Kind::Summary => MetricType::SUMMARY,
        });
        family.set_metric(std::mem::take(&mut self.samples));
        TextEncoder::new()
            .encode(&[family], self.text)
            .expect("writing into memory cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalog::{BYTES_IN, LEADER_COUNT, LOG_FLUSH_TIME};

    #[test]
    fn writes_the_text_that_prometheus_reads() {
        let mut families = Families::default();
        let mut bytes = families.of(&BYTES_IN);
        bytes.sample(&[], 4.0);
        bytes.sample(&["x\"y"], 3.0);
        drop(bytes);
        drop(families.of(&LEADER_COUNT));
        let latency = LatencySummary {
            count: 2,
            sum_ms: 3.0,
            quantiles_ms: [1.5; 6],
            mean_ms: 1.5,
            max_ms: 1.5,
        };
        families.of(&LOG_FLUSH_TIME).latency(&[], &latency);
        let text = families.into_text();
        let (bytes, flushes) = (BYTES_IN.name, LOG_FLUSH_TIME.name);
        let counter = format!("# TYPE {bytes} counter\n{bytes} 4\n{bytes}{{topic=\"x\\\"y\"}} 3\n");
        assert!(text.contains(&counter), "{text}");
        assert!(
            text.contains(&format!("{flushes}{{quantile=\"0.5\"}} 1.5\n")),
            "{text}"
        );
        assert!(
            text.contains(&format!("{flushes}_sum 3\n{flushes}_count 2\n")),
            "{text}"
        );
        assert!(!text.contains(LEADER_COUNT.name), "{text}");
    }
}
