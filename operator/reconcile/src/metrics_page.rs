//! The reference page of the operator's metrics, from the text that it would serve.

use crate::metrics::Metrics;

const INTRODUCTION: &str = "\
# Metrics of the operator

`GET /metrics` on `--http-listen` answers in Prometheus' text format. Dashboards and alerts of the chart `millrace-operator` read these and
[those of brokers](metrics.md). This page is generated from what the operator serves.

| name | kind | labels | meaning |
|---|---|---|---|
";

/// The label of a histogram's buckets, which belongs to the format.
const BUCKET: &str = "le";

/// The text of `docs/reference/operator-metrics.md`.
pub fn metrics_page() -> String {
    let served = Metrics::specimen().render();
    let mut page = INTRODUCTION.to_owned();
    let mut lines = served.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((name, help)) = after("# HELP ", line) else {
            continue;
        };
        let kind = lines.next().and_then(|line| after("# TYPE ", line));
        let (_, kind) = kind.unwrap_or_default();
        let labels = lines.peek().map(|sample| labels(sample));
        let labels = labels.unwrap_or_default().join(" ");
        page.push_str(&format!("| `{name}` | {kind} | {labels} | {help}. |\n"));
    }
    page
}

fn after<'a>(start: &str, line: &'a str) -> Option<(&'a str, &'a str)> {
    line.strip_prefix(start)?.split_once(' ')
}

/// `name{a="x",b="y"} 1` has the labels `a` and `b`.
fn labels(sample: &str) -> Vec<String> {
    let inside = sample
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    let pairs = inside.map_or("", |(inside, _)| inside).split(',');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(label, _)| label)
        .filter(|label| *label != BUCKET)
        .map(|label| format!("`{label}`"))
        .collect()
}
