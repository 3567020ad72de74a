//! What the charts carry beside templates: examples are resources, and whatever dashboards and alerts ask
//! for is a metric that somebody serves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use millrace_crds::{KafkaCluster, KafkaTopic};
use serde_json::Value;

/// Tables of metrics that brokers and the operator serve.
const CATALOGS: &[&str] = &[
    "docs/reference/metrics.md",
    "docs/reference/operator-metrics.md",
];

/// Where every alert has a section that says what to do.
const RUNBOOKS: &str = "docs/runbooks.md";

/// Metrics that others serve: Prometheus itself and the kubelet.
const FOREIGN: &[&str] = &[
    "up",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
];

/// What a histogram's or summary's name may end with.
const PARTS: &[&str] = &["_bucket", "_sum", "_count"];

/// Words of the query language that stand where a metric could.
const WORDS: &[&str] = &[
    "and",
    "bool",
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "max",
    "min",
    "offset",
    "on",
    "or",
    "sum",
    "topk",
    "unless",
    "without",
];

/// Words that a list of labels follows.
const BEFORE_LABELS: &[&str] = &[
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "on",
    "without",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file that can be read")
}

/// The files of a folder of the operator's chart with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = root().join("charts/millrace-operator").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder of the chart")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}: no {ending}", folder.display());
    files
}

fn catalog() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = FOREIGN.iter().map(|name| (*name).to_owned()).collect();
    for catalog in CATALOGS {
        let text = read(root().join(catalog));
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
        names.extend(rows.filter_map(|row| row.split('`').next().map(str::to_owned)));
    }
    names
}

fn is_known(name: &str, catalog: &BTreeSet<String>) -> bool {
    let whole = PARTS.iter().find_map(|part| name.strip_suffix(part));
    catalog.contains(name) || whole.is_some_and(|whole| catalog.contains(whole))
}

/// The metrics that a query names: every word that is neither a function nor within braces, brackets,
/// quotes or a list of labels.
fn metrics(query: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        if length == 0 {
            rest = match first {
                '{' => after(rest, '}'),
                '[' => after(rest, ']'),
                '"' => after(&rest[1..], '"'),
                other => &rest[other.len_utf8()..],
            };
            continue;
        }
        let (word, next) = rest.split_at(length);
        let next = next.trim_start();
        let labels = BEFORE_LABELS.contains(&word) && next.starts_with('(');
        rest = if labels { after(next, ')') } else { next };
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        if !number && !WORDS.contains(&word) && !next.starts_with('(') {
            found.insert(word.to_owned());
        }
    }
    found
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

fn each<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn rule_files() -> Vec<(PathBuf, Value)> {
    files("rules", ".yaml")
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with("_test.yaml"))
        .map(|path| {
            let rules = serde_yaml::from_str(&read(&path)).expect("rules are YAML");
            (path, rules)
        })
        .collect()
}

#[test]
fn dashboards_ask_for_metrics_that_are_served() {
    let catalog = catalog();
    for path in files("dashboards", ".json") {
        let dashboard: Value = serde_json::from_str(&read(&path)).expect("a dashboard is JSON");
        let panels = each(&dashboard, "panels").flat_map(|panel| each(panel, "targets"));
        let mut queries: Vec<&str> = panels.map(|target| text(target, "expr")).collect();
        for variable in each(&dashboard["templating"], "list") {
            let query = text(&variable["query"], "query");
            // `label_values(METRIC, LABEL)` is the dashboard's own: only its first part is a query.
            let query = query.strip_prefix("label_values(").unwrap_or(query);
            queries.push(query.rsplit_once(',').map_or(query, |(metric, _)| metric));
        }
        assert!(queries.len() > 3, "{}: no queries", path.display());
        for query in queries {
            for name in metrics(query) {
                assert!(is_known(&name, &catalog), "{}: {name}", path.display());
            }
        }
    }
}

#[test]
fn alerts_ask_for_metrics_that_are_served() {
    for (path, rules) in rule_files() {
        let mut catalog = catalog();
        for rule in each(&rules, "groups").flat_map(|group| each(group, "rules")) {
            let names = metrics(text(rule, "expr"));
            assert!(!names.is_empty(), "{}: {rule}", path.display());
            for name in names {
                assert!(is_known(&name, &catalog), "{}: {name}", path.display());
            }
            catalog.insert(text(rule, "record").to_owned());
        }
    }
}

#[test]
fn every_alert_says_what_to_do_and_has_a_test() {
    for (path, rules) in rule_files() {
        let tests = read(path.with_file_name(format!(
            "{}_test.yaml",
            path.file_stem().expect("a name").display()
        )));
        for rule in each(&rules, "groups").flat_map(|group| each(group, "rules")) {
            let name = text(rule, "alert");
            if name.is_empty() {
                continue;
            }
            for part in ["summary", "description"] {
                assert!(
                    !text(&rule["annotations"], part).is_empty(),
                    "{name}: no {part}"
                );
            }
            assert!(
                !text(&rule["labels"], "severity").is_empty(),
                "{name}: no severity"
            );
            let runbook = text(&rule["annotations"], "runbook");
            let anchor = format!("{RUNBOOKS}#{}", name.to_lowercase());
            assert_eq!(runbook, anchor, "{name}");
            let told = read(root().join(RUNBOOKS)).contains(&format!("\n## {name}\n"));
            assert!(told, "{name} has no section in {RUNBOOKS}");
            let tested = tests.contains(&format!("alertname: {name}\n"));
            assert!(tested, "{name} has no test");
        }
    }
}

#[test]
fn the_metrics_of_a_query_are_found() {
    let cases: &[(&str, &[&str])] = &[
        ("up", &["up"]),
        (
            "sum by (a, b) (rate(x_total{c=\"d e\"}[5m])) > 0.1",
            &["x_total"],
        ),
        (
            "a:b / on (c) group_left d and e unless f",
            &["a:b", "d", "e", "f"],
        ),
        (
            "histogram_quantile(0.5, sum by (le) (rate(s_bucket[1h])))",
            &["s_bucket"],
        ),
        ("topk(10, max(x) - x offset 5m)", &["x"]),
    ];
    for (query, expected) in cases {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(metrics(query), expected, "{query}");
    }
}

/// Unknown fields would be pruned silently: a resource must come out as it went in.
#[test]
fn examples_are_what_the_types_read() {
    let folders = ["charts/examples", "crds/examples/valid"];
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).expect("examples") {
            let path = entry.expect("an entry").path();
            for document in read(&path).split("---\n") {
                let value: Value = serde_yaml::from_str(document).expect("an example is YAML");
                let typed = match text(&value, "kind") {
                    "KafkaCluster" => again::<KafkaCluster>(&value),
                    "KafkaTopic" => again::<KafkaTopic>(&value),
                    other => panic!("{}: {other}", path.display()),
                };
                let defaulted = with_defaults(value);
                assert_eq!(typed["spec"], defaulted["spec"], "{}", path.display());
            }
        }
    }
}

fn again<T: serde::de::DeserializeOwned + serde::Serialize>(value: &Value) -> Value {
    let typed: T = serde_json::from_value(value.clone()).expect("an example is a resource");
    serde_json::to_value(typed).expect("a resource is JSON")
}

/// The only default in the schema is a pool's first id.
fn with_defaults(mut value: Value) -> Value {
    let pools = value.pointer_mut("/spec/nodePools");
    if let Some(pools) = pools.and_then(Value::as_array_mut) {
        for pool in pools {
            let pool = pool.as_object_mut().expect("a pool is an object");
            pool.entry("firstBrokerId").or_insert(Value::from(0));
        }
    }
    value
}
