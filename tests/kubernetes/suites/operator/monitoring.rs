//! What the chart brings for Prometheus and Grafana, on a fleet in use: every query of every dashboard has data, and
//! every alert can fire and none does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use millrace_client::consumer::{GroupConsumer, GroupOptions};
use millrace_kubernetes_tests::Cluster;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::kafka::Kafka;
use crate::load::{TRAFFIC, alone_under_load};
use crate::operator::{CHARTS, RELEASE, SPACE};
use crate::prometheus::{INTERVAL, Prometheus};
use crate::specs::cluster;
use crate::stage::Stage;

const GROUP: &str = "readers";

/// What Grafana would put for its own variables.
const RATE_INTERVAL: (&str, &str) = ("$__rate_interval", "10s");

/// How often the group says how far it is.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

/// Options of helm that render all that there is.
const EVERYTHING: &[&str] = &[
    "--set=monitoring.podMonitors.enabled=true,monitoring.rules.enabled=true,monitoring.dashboards.enabled=true",
    "--api-versions=monitoring.coreos.com/v1/PodMonitor",
    "--api-versions=monitoring.coreos.com/v1/PrometheusRule",
];

/// How names of our metrics, and of those that we read, begin.
const FAMILIES: &[&str] = &["kafka_", "millrace", "kubelet_volume_", "process_"];

#[test]
fn dashboards_and_alerts_have_data() -> Result<()> {
    alone_under_load(
        "monitored",
        &cluster("fleet", json!({})),
        |stage, traffic| {
            let chart = Rendered::of(stage.cluster)?;
            let prometheus = Prometheus::start(stage.cluster, &chart.monitors, &chart.rules)?;
            let group = join(traffic.kafka());
            every_panel_has_data(stage, &prometheus, &chart.dashboards)?;
            alerts_are_alive_and_silent(stage, &prometheus)?;
            group.abort();
            Ok(())
        },
    )
}

/// What the chart brings for monitoring.
struct Rendered {
    monitors: Vec<Value>,
    rules: Vec<Value>,
    dashboards: Vec<Value>,
}

impl Rendered {
    fn of(cluster: &Cluster) -> Result<Self> {
        let chart = format!("{CHARTS}/millrace-operator");
        let interval = format!("monitoring.podMonitors.interval={INTERVAL}");
        let mut arguments = vec!["template", RELEASE, &chart, "--namespace", SPACE];
        arguments.extend(["--set", &interval]);
        arguments.extend(EVERYTHING);
        let text = cluster.helm(&arguments)?;
        let objects: Vec<Value> = text
            .split("\n---")
            .map(serde_yaml::from_str)
            .collect::<Result<_, _>>()?;
        let of_kind = |kind: &str| -> Vec<Value> {
            let found = objects.iter().filter(|object| object["kind"] == kind);
            found.cloned().collect()
        };
        let maps = of_kind("ConfigMap");
        let files = maps
            .iter()
            .filter_map(|map| map["data"].as_object())
            .flatten();
        let dashboards: Vec<Value> = files
            .filter_map(|(_, text)| text.as_str().map(serde_json::from_str))
            .collect::<Result<_, _>>()?;
        ensure!(dashboards.len() >= 4, "{} dashboards", dashboards.len());
        Ok(Self {
            monitors: of_kind("PodMonitor"),
            rules: of_kind("PrometheusRule"),
            dashboards,
        })
    }
}

/// A member of a group that reads what is written, and says how far it is.
fn join(kafka: &Kafka) -> JoinHandle<Result<()>> {
    let mut options = GroupOptions::new(GROUP.into(), vec![TRAFFIC.into()]);
    options.auto_commit = Some(COMMIT_EVERY);
    let mut member = GroupConsumer::new(kafka.client(), options);
    kafka.runtime().spawn(async move {
        loop {
            member.poll().await?;
        }
    })
}

fn every_panel_has_data(
    stage: &Stage<'_>,
    prometheus: &Prometheus,
    dashboards: &[Value],
) -> Result<()> {
    // Durations are of what was reconciled lately: a fleet that nobody changes has none.
    let mut days = (1..=2).cycle();
    stage.wait("data in every panel", || {
        let time = format!("{}d", days.next().unwrap_or_default());
        stage.patch_spec("kafkatopic", TRAFFIC, &json!({"retention": {"time": time}}))?;
        let mut empty = Vec::new();
        for dashboard in dashboards {
            let variables = variables(stage, prometheus, dashboard)?;
            for (panel, query) in queries(&dashboard["panels"]) {
                let filled = fill(query, &variables);
                if !prometheus.query(&filled)?.iter().any(is_a_number) {
                    empty.push(format!("{} / {panel}: {filled}", dashboard["title"]));
                }
            }
        }
        ensure!(empty.is_empty(), "nothing in\n{}", empty.join("\n"));
        Ok(Some(()))
    })
}

fn is_a_number(series: &Value) -> bool {
    let value = series["value"][1]
        .as_str()
        .and_then(|value| value.parse().ok());
    value.is_some_and(|value: f64| value.is_finite())
}

/// Every query of the panels and of the rows' panels, with its panel's title.
fn queries(panels: &Value) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for panel in panels.as_array().into_iter().flatten() {
        let title = panel["title"].as_str().unwrap_or_default();
        let targets = panel["targets"].as_array().into_iter().flatten();
        found.extend(targets.filter_map(|target| Some((title, target["expr"].as_str()?))));
        found.extend(queries(&panel["panels"]));
    }
    found
}

/// The variables of a dashboard, each by its own query, as Grafana fills them from the top.
fn variables(
    stage: &Stage<'_>,
    prometheus: &Prometheus,
    dashboard: &Value,
) -> Result<Vec<(String, String)>> {
    let mut filled = vec![(RATE_INTERVAL.0.to_owned(), RATE_INTERVAL.1.to_owned())];
    for variable in dashboard["templating"]["list"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let Some(query) = variable["query"]["query"].as_str() else {
            continue;
        };
        let query = fill(query, &filled);
        let inner = query
            .strip_prefix("label_values(")
            .and_then(|rest| rest.strip_suffix(')'));
        let (selector, label) = inner
            .and_then(|inner| inner.rsplit_once(','))
            .context("label_values")?;
        let values = prometheus.label_values(label.trim(), selector)?;
        let value = if variable["multi"] == true {
            values.join("|")
        } else {
            // Of several the reader chooses: ours, where it is a question of namespace.
            let ours = [stage.space, SPACE]
                .into_iter()
                .find(|ours| values.iter().any(|value| value == ours));
            let chosen = ours.map(str::to_owned).or_else(|| values.first().cloned());
            chosen.with_context(|| format!("nothing to choose from: {query}"))?
        };
        let name = variable["name"].as_str().context("a name")?;
        filled.push((format!("${name}"), value));
    }
    Ok(filled)
}

fn fill(query: &str, variables: &[(String, String)]) -> String {
    let mut filled = query.to_owned();
    for (name, value) in variables {
        filled = filled.replace(name, value);
    }
    filled
}

/// Every rule can be evaluated and reads metrics that there are, and a healthy fleet alarms nobody.
fn alerts_are_alive_and_silent(stage: &Stage<'_>, prometheus: &Prometheus) -> Result<()> {
    stage.wait("rules that work and are content", || {
        let mut wrong = Vec::new();
        let rules = prometheus.rules()?;
        ensure!(!rules.is_empty(), "no rule is loaded");
        let mut known = BTreeMap::new();
        for rule in rules {
            let name = &rule["name"];
            if rule["health"] != "ok" {
                wrong.push(format!("{name}: {}: {}", rule["health"], rule["lastError"]));
            }
            if rule["type"] == "alerting" && rule["state"] != "inactive" {
                wrong.push(format!("{name} is {}: {}", rule["state"], rule["alerts"]));
            }
            for metric in metrics(rule["query"].as_str().unwrap_or_default()) {
                let there = match known.get(&metric) {
                    Some(there) => *there,
                    None => !prometheus.query(&format!("count({metric})"))?.is_empty(),
                };
                if !there {
                    wrong.push(format!("{name} reads {metric}, which nobody tells"));
                }
                known.insert(metric, there);
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(Some(()))
    })
}

/// The metrics that an expression reads.
fn metrics(expression: &str) -> BTreeSet<String> {
    let words =
        expression.split(|letter: char| !(letter.is_ascii_alphanumeric() || "_:".contains(letter)));
    words
        .filter(|word| FAMILIES.iter().any(|family| word.starts_with(family)))
        .map(str::to_owned)
        .collect()
}
