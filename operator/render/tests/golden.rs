//! Every cluster under `scenarios`, rendered, is what lies under `golden`; `MILLRACE_BLESS=1` writes
//! that. The rules for what a server-side apply may contain hold for all of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use millrace_crds::KafkaCluster;
use millrace_golden::{blesses, hold};
use millrace_model::{Cluster, Defaults, Platform, Resolved};
use millrace_render::{Object, Observed, Rendered, bootstrap_servers, render};
use serde_json::Value;

/// Scenarios in which Kubernetes has told nothing yet.
const UNTOLD: &[&str] = &["waiting"];
/// Scenarios on one machine without Kubernetes.
const ON_LOOPBACK: &[&str] = &["loopback"];

#[test]
fn every_scenario_renders_to_its_golden_files() {
    for scenario in scenarios() {
        let name = scenario.file_stem().unwrap().to_str().unwrap();
        let files = files(&rendered(&scenario));
        let golden = tests().join("golden").join(name);
        if blesses() {
            let _ = fs::remove_dir_all(&golden);
            fs::create_dir_all(&golden).unwrap();
        }
        for (file, text) in &files {
            hold(golden.join(file), text);
        }
        let made: BTreeSet<String> = files.into_keys().collect();
        assert_eq!(
            made,
            names(&golden),
            "{name}: MILLRACE_BLESS=1 takes away what is not made"
        );
    }
}

/// A null would take away what somebody else set; a status is not the operator's; lists that others
/// add to are merged by keys, and one that is left out would be filled in by a default.
#[test]
fn objects_are_fit_for_server_side_apply() {
    for scenario in scenarios() {
        for object in rendered(&scenario).rendered.objects() {
            let (file, value) = json(object);
            let problem = unfit(&value, "");
            assert_eq!(problem, None, "{} {file}", scenario.display());
            assert!(
                value["metadata"]["ownerReferences"][0]["controller"] == true,
                "{file}"
            );
            let labels = &value["metadata"]["labels"];
            assert_eq!(
                labels["millrace.dev/cluster"],
                labels["app.kubernetes.io/instance"]
            );
        }
    }
}

fn unfit(value: &Value, at: &str) -> Option<String> {
    match value {
        Value::Null => Some(format!("{at} is null")),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let at = format!("{at}[{index}]");
            let keyed_by_protocol = at.contains("ports[") && item.get("protocol").is_none();
            match keyed_by_protocol {
                true => Some(format!("{at} has no protocol")),
                false => unfit(item, &at),
            }
        }),
        Value::Object(fields) => fields.iter().find_map(|(key, field)| match key.as_str() {
            "status" | "creationTimestamp" => Some(format!("{at} has {key}")),
            _ => unfit(field, &format!("{at}.{key}")),
        }),
        _ => None,
    }
}

#[test]
fn the_same_cluster_renders_the_same_bytes() {
    for scenario in scenarios() {
        let (first, second) = (rendered(&scenario), rendered(&scenario));
        assert_eq!(files(&first), files(&second));
    }
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn scenarios() -> Vec<PathBuf> {
    let entries = fs::read_dir(tests().join("scenarios")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// A scenario from its text to what is made of it.
struct Run {
    resolved: Resolved<Cluster>,
    observed: Observed,
    rendered: Rendered,
}

fn rendered(scenario: &Path) -> Run {
    let text = fs::read_to_string(scenario).unwrap();
    let raw: KafkaCluster = serde_yaml::from_str(&text).unwrap();
    let stem = scenario.file_stem().unwrap().to_str().unwrap();
    let platform = match ON_LOOPBACK.contains(&stem) {
        true => Platform::Loopback,
        false => Platform::Kubernetes {
            dns_domain: "cluster.local".to_owned(),
        },
    };
    let resolved = Cluster::resolve(&raw, &defaults(platform)).unwrap();
    let untold = render(&resolved.value, &Observed::default());
    let observed = match UNTOLD.contains(&stem) {
        true => Observed::default(),
        false => told(&resolved.value, &untold.services),
    };
    Run {
        rendered: render(&resolved.value, &observed),
        resolved,
        observed,
    }
}

fn defaults(platform: Platform) -> Defaults {
    Defaults {
        image_repository: "registry.example.com/millrace-broker".to_owned(),
        version: "0.1.0".to_owned(),
        image_pull_policy: None,
        platform,
        brokers_served: 1000,
        operator_pods: Some(NetworkPolicyPeer {
            namespace_selector: Some(match_label("kubernetes.io/metadata.name", "millrace")),
            pod_selector: Some(match_label("app.kubernetes.io/name", "millrace-operator")),
            ip_block: None,
        }),
    }
}

fn match_label(key: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(BTreeMap::from([(key.to_owned(), value.to_owned())])),
        ..LabelSelector::default()
    }
}

/// What Kubernetes would tell of these brokers' pods and of these Services.
fn told(cluster: &Cluster, services: &[Service]) -> Observed {
    let pods = cluster.brokers.iter().zip(1..);
    let mut observed = Observed {
        pod_addresses: pods
            .map(|(broker, last)| (broker.pod.clone(), format!("127.0.0.{last}")))
            .collect(),
        node_addresses: ["192.0.2.1", "fd00::1"].map(str::to_owned).to_vec(),
        ..Observed::default()
    };
    for (index, service) in services.iter().enumerate() {
        let name = service.metadata.name.clone().unwrap();
        let kind = service.spec.as_ref().unwrap().type_.as_deref();
        match kind {
            Some("NodePort") => {
                let port = 30_000 + u16::try_from(index).unwrap();
                observed.node_ports.insert(name, port);
            }
            Some("LoadBalancer") => {
                let host = format!("lb-{index}.example.com");
                observed.load_balancers.insert(name, host);
            }
            _ => {}
        }
    }
    observed
}

/// Everything that is rendered, as files in the order in which it is applied.
fn files(run: &Run) -> BTreeMap<String, String> {
    let (cluster, rendered) = (&run.resolved.value, &run.rendered);
    let mut files = BTreeMap::new();
    for (index, object) in rendered.objects().enumerate() {
        let (file, value) = json(object);
        let yaml = serde_yaml::to_string(&value).unwrap();
        files.insert(format!("{index:02}-{file}.yaml"), yaml);
    }
    for (pod, properties) in &rendered.properties {
        files.insert(format!("{pod}.properties"), properties.text());
    }
    let mut add = |file: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            files.insert(file.to_owned(), lines.join("\n") + "\n");
        }
    };
    let bootstrap = cluster.listeners.iter().map(|listener| {
        let servers = bootstrap_servers(cluster, listener, &run.observed);
        format!("{}={servers}", listener.name)
    });
    add("bootstrap.txt", bootstrap.collect());
    let warnings = run.resolved.warnings.iter().map(ToString::to_string);
    add("warnings.txt", warnings.collect());
    add(
        "waiting.txt",
        rendered.waiting().map(ToString::to_string).collect(),
    );
    files
}

fn json(object: Object<'_>) -> (String, Value) {
    let value = match object {
        Object::ServiceAccount(object) => serde_json::to_value(object),
        Object::NetworkPolicy(object) => serde_json::to_value(object),
        Object::Service(object) => serde_json::to_value(object),
        Object::ConfigMap(object) => serde_json::to_value(object),
        Object::PodDisruptionBudget(object) => serde_json::to_value(object),
        Object::StatefulSet(object) => serde_json::to_value(object),
    };
    let value = value.unwrap();
    let kind = value["kind"].as_str().unwrap().to_lowercase();
    let name = value["metadata"]["name"].as_str().unwrap();
    (format!("{kind}-{name}"), value)
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}
