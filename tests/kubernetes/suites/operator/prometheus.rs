//! A real Prometheus that scrapes what PodMonitors select, configured as Prometheus' own operator would do it, and
//! the kubelets beside. It ends with its handle.
//!
//! Debian's build discovers nothing on Kubernetes by itself: the pods of the moment are written down for it, with the
//! labels that its discovery would give them.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context, Result, ensure};
use form_urlencoded::Serializer;
use millrace_kubernetes_tests::{Cluster, Skip};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::http::page;
use crate::stage::SOON;

/// Between two scrapes, and between two evaluations of rules.
pub(crate) const INTERVAL: &str = "1s";

pub(crate) struct Prometheus {
    process: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    /// Scrapes what `monitors` (PodMonitors) select, and evaluates `rules` (PrometheusRules).
    pub(crate) fn start(cluster: &Cluster, monitors: &[Value], rules: &[Value]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let groups = rules
            .iter()
            .flat_map(|rule| rule["spec"]["groups"].as_array());
        let groups: Vec<&Value> = groups.flatten().collect();
        // Every JSON is YAML.
        let rules = folder.path().join("rules.yaml");
        std::fs::write(&rules, json!({ "groups": groups }).to_string())?;
        let mut jobs = vec![kubelets(cluster)?];
        for monitor in monitors {
            jobs.extend(jobs_of(monitor, cluster)?);
        }
        let config = json!({
            "global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL, "evaluation_interval": INTERVAL},
            "rule_files": [rules],
            "scrape_configs": jobs,
        });
        let file = folder.path().join("prometheus.yaml");
        std::fs::write(&file, config.to_string())?;
        let mut process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg("--web.listen-address=127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|_| Skip("prometheus is not installed (package prometheus)".to_owned()))?;
        let log = process.stderr.take().context("the pipe was asked for")?;
        // It says so once.
        let (sender, said) = sync_channel(1);
        std::thread::spawn(move || read_log(log, &sender));
        let address = said
            .recv_timeout(SOON)
            .context("prometheus does not listen");
        let address = address.inspect_err(|_| drop(process.kill()))?;
        Ok(Self {
            process,
            address,
            _folder: folder,
        })
    }

    /// What `expression` is now: its series.
    pub(crate) fn query(&self, expression: &str) -> Result<Vec<Value>> {
        let answer = self.get("query", &[("query", expression)])?;
        let series = answer["result"].as_array().context("a vector")?;
        Ok(series.clone())
    }

    /// Every value that `label` has in the series of `selector`.
    pub(crate) fn label_values(&self, label: &str, selector: &str) -> Result<Vec<String>> {
        let answer = self.get(&format!("label/{label}/values"), &[("match[]", selector)])?;
        let values = answer.as_array().context("a list")?.iter();
        Ok(values
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    /// Every rule with its health and state.
    pub(crate) fn rules(&self) -> Result<Vec<Value>> {
        let answer = self.get("rules", &[])?;
        let groups = answer["groups"].as_array().context("groups")?.iter();
        let rules = groups.filter_map(|group| group["rules"].as_array());
        Ok(rules.flatten().cloned().collect())
    }

    fn get(&self, what: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let query = Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let answer = page(self.address, &format!("/api/v1/{what}?{query}"))?;
        let answer: Value = serde_json::from_str(&answer)?;
        ensure!(answer["status"] == "success", "{answer}");
        Ok(answer["data"].clone())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads to the end, so that the program never waits for a reader; tells where it listens.
fn read_log(log: ChildStderr, address: &SyncSender<SocketAddr>) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        let named = line
            .split_once("Listening on")
            .and_then(|(_, rest)| rest.split_once("address="));
        if let Some(Ok(found)) = named.map(|(_, found)| found.trim().parse()) {
            let _ = address.try_send(found);
        }
    }
}

/// One job for each endpoint of a PodMonitor.
fn jobs_of(monitor: &Value, cluster: &Cluster) -> Result<Vec<Value>> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    let (name, space) = (
        text(&monitor["metadata"]["name"])?,
        text(&monitor["metadata"]["namespace"])?,
    );
    let spec = &monitor["spec"];
    let scope = &spec["namespaceSelector"];
    let wanted = |namespace: &Value| match (&scope["any"], &scope["matchNames"]) {
        (Value::Bool(true), _) => true,
        (_, Value::Array(names)) => names.contains(namespace),
        _ => namespace == &json!(space),
    };
    let found = cluster
        .kubectl()
        .json(&["get", "pods", "--all-namespaces"])?;
    let pods = found["items"].as_array().context("a list")?.iter();
    let pods = pods.filter(|pod| wanted(&pod["metadata"]["namespace"]));
    let targets: Vec<Value> = pods.flat_map(targets_of).collect();
    let endpoints = spec["podMetricsEndpoints"]
        .as_array()
        .context("endpoints")?;
    let jobs = endpoints.iter().enumerate().map(|(index, endpoint)| {
        let port = &endpoint["port"];
        let mut relabelings = selected(&spec["selector"]["matchLabels"]);
        relabelings.extend([
            json!({"action": "keep", "source_labels": ["__meta_kubernetes_pod_container_port_name"], "regex": port}),
            json!({"action": "drop", "source_labels": ["__meta_kubernetes_pod_phase"], "regex": "(Failed|Succeeded)"}),
            json!({"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"}),
            json!({"source_labels": ["__meta_kubernetes_pod_container_name"], "target_label": "container"}),
            json!({"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"}),
            json!({"target_label": "job", "replacement": format!("{space}/{name}")}),
            json!({"target_label": "endpoint", "replacement": port}),
        ]);
        let own = endpoint["relabelings"].as_array();
        relabelings.extend(own.into_iter().flatten().map(snake_cased));
        json!({
            "job_name": format!("podMonitor/{space}/{name}/{index}"),
            "metrics_path": endpoint["path"].as_str().unwrap_or("/metrics"),
            "scrape_interval": endpoint["interval"],
            "scrape_timeout": endpoint["interval"],
            "static_configs": targets,
            "relabel_configs": relabelings,
        })
    });
    Ok(jobs.collect())
}

/// A target for each port of a pod.
fn targets_of(pod: &Value) -> Vec<Value> {
    let (about, address) = (&pod["metadata"], &pod["status"]["podIP"]);
    let mut labels = Map::new();
    let mut tell = |name: String, value: &Value| {
        labels.insert(format!("__meta_kubernetes_{name}"), value.clone());
    };
    tell("namespace".to_owned(), &about["namespace"]);
    tell("pod_name".to_owned(), &about["name"]);
    tell("pod_phase".to_owned(), &pod["status"]["phase"]);
    for (key, value) in about["labels"].as_object().into_iter().flatten() {
        tell(format!("pod_label_{}", sanitized(key)), value);
        tell(
            format!("pod_labelpresent_{}", sanitized(key)),
            &json!("true"),
        );
    }
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let ports = containers.flat_map(|container| {
        let ports = container["ports"].as_array().into_iter().flatten();
        ports.map(|port| (container["name"].clone(), port))
    });
    ports
        .filter_map(|(container, port)| {
            let mut labels = labels.clone();
            labels.insert("__meta_kubernetes_pod_container_name".to_owned(), container);
            let name = port["name"].clone();
            labels.insert("__meta_kubernetes_pod_container_port_name".to_owned(), name);
            let target = format!("{}:{}", address.as_str()?, port["containerPort"]);
            Some(json!({"targets": [target], "labels": labels}))
        })
        .collect()
}

/// A label's key as the name of a label of Prometheus.
fn sanitized(key: &str) -> String {
    key.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}

fn selected(labels: &Value) -> Vec<Value> {
    let labels = labels.as_object().into_iter().flatten();
    labels
        .map(|(key, value)| {
            let key = sanitized(key);
            let sources =
                ["label", "labelpresent"].map(|kind| format!("__meta_kubernetes_pod_{kind}_{key}"));
            let regex = format!("({});true", value.as_str().unwrap_or_default());
            json!({"action": "keep", "source_labels": sources, "regex": regex})
        })
        .collect()
}

/// A relabeling as Prometheus itself spells it.
fn snake_cased(relabeling: &Value) -> Value {
    let fields = relabeling.as_object().into_iter().flatten();
    fields
        .map(|(key, value)| {
            let key = match key.as_str() {
                "sourceLabels" => "source_labels",
                "targetLabel" => "target_label",
                same => same,
            };
            (key.to_owned(), value.clone())
        })
        .collect()
}

/// The volumes' figures come from the kubelets, as in every Prometheus beside Kubernetes.
fn kubelets(cluster: &Cluster) -> Result<Value> {
    let config = cluster.kubectl().json(&["config", "view", "--raw"])?;
    let user = &config["users"][0]["user"];
    let nodes = cluster.kubectl().json(&["get", "nodes"])?;
    let nodes = nodes["items"].as_array().context("a list")?.iter();
    let targets: Vec<String> = nodes
        .filter_map(|node| {
            let mut addresses = node["status"]["addresses"].as_array()?.iter();
            let own = addresses.find(|address| address["type"] == "InternalIP")?;
            let port = &node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"];
            Some(format!("{}:{port}", own["address"].as_str()?))
        })
        .collect();
    Ok(json!({
        "job_name": "kubelet",
        "scheme": "https",
        "honor_labels": true,
        "tls_config": {
            "insecure_skip_verify": true,
            "cert_file": user["client-certificate"],
            "key_file": user["client-key"],
        },
        "static_configs": [{"targets": targets}],
    }))
}
