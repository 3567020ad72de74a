//! The whole: an API server, machines, brokers and the operator, which can be cut off and started
//! anew on what is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use millrace_local::LocalApi;
use millrace_machines::Machines;
use millrace_model::{Defaults, Platform};
use millrace_reconcile::{Health, Metrics, Operator, Settings};
use serde_json::Value;
use tokio::time::sleep;

use crate::brokers::Brokers;
use crate::machines;
use crate::plug::Plug;

/// So long without a write, and nothing is left to do: longer than any wait between passes.
const QUIET: Duration = Duration::from_secs(160);
/// So many times that long, and it does not converge.
const ROUNDS_MOST: usize = 60;

pub(crate) struct World {
    pub(crate) api: LocalApi,
    pub(crate) brokers: Brokers,
    pub(crate) plug: Plug,
    /// How often the operator was cut off and started anew.
    pub(crate) restarts: usize,
    operator: Option<Operator>,
    _machines: Machines,
}

impl World {
    /// Everything but the operator.
    pub(crate) fn new() -> Self {
        let plug = Plug::new();
        let api = LocalApi::new(Timestamp::from_second(1_800_000_000).unwrap());
        let brokers = Brokers::new(plug.clone());
        let script = plug.clone();
        api.script(move |asked| script.of_kubernetes(asked));
        Self {
            _machines: machines::start(&api, &brokers),
            api,
            brokers,
            plug,
            restarts: 0,
            operator: None,
        }
    }

    pub(crate) fn with_operator() -> Self {
        let mut world = Self::new();
        world.start();
        world
    }

    pub(crate) fn start(&mut self) {
        let health = Arc::new(Health::default());
        let metrics = Arc::new(Metrics::new(Arc::clone(&health)));
        let settings = Settings {
            namespaces: Vec::new(),
            defaults: Defaults {
                image_repository: "registry.example.com/millrace-broker".to_owned(),
                version: "1.0.0".to_owned(),
                image_pull_policy: None,
                platform: Platform::Kubernetes {
                    dns_domain: "cluster.local".to_owned(),
                },
                brokers_served: 1,
                operator_pods: None,
            },
            instance: "operator".to_owned(),
        };
        let (client, kafka) = (self.api.client(), self.brokers.clusters());
        self.operator = Some(Operator::start(client, kafka, settings, health, metrics));
    }

    /// The operator dies where it stands.
    pub(crate) fn kill(&mut self) {
        self.operator = None;
    }

    /// Runs until nothing is written any more. An operator that is cut off is followed by another.
    pub(crate) async fn settle(&mut self) {
        let mut cut = self.plug.is_cut();
        for _ in 0..ROUNDS_MOST {
            let before = self.plug.count();
            tokio::select! {
                () = sleep(QUIET) => {}
                () = async { drop(cut.wait_for(|cut| *cut).await) } => {
                    // The last write is done by the time that everybody waits.
                    sleep(Duration::from_millis(1)).await;
                    self.kill();
                    self.plug.mend();
                    self.restarts += 1;
                    self.start();
                    continue;
                }
            }
            if self.plug.count() == before {
                return;
            }
        }
        let writes = self.plug.writes();
        let last = &writes[writes.len().saturating_sub(30)..];
        assert!(
            last.is_empty(),
            "still writing after {} writes: {last:#?}",
            writes.len()
        );
    }

    pub(crate) fn add(&self, object: Value) {
        self.api.create(object).unwrap();
    }

    /// Changes an object as a user would.
    pub(crate) fn edit(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Value),
    ) {
        self.api.edit(kind, namespace, name, edit).unwrap();
    }

    /// The reason that an object's `Ready` gives, and whether it holds.
    pub(crate) fn ready(&self, kind: &str, namespace: &str, name: &str) -> (String, String) {
        let object = self.api.object(kind, namespace, name).unwrap();
        let conditions = object["status"]["conditions"].as_array();
        let ready = conditions
            .into_iter()
            .flatten()
            .find(|one| one["type"] == "Ready");
        let field = |field: &str| {
            let value = ready.map(|ready| ready[field].as_str().unwrap_or_default());
            value.unwrap_or_default().to_owned()
        };
        (field("status"), field("reason"))
    }

    /// What an object's `Ready` says in words.
    pub(crate) fn message(&self, kind: &str, namespace: &str, name: &str) -> String {
        let object = self.api.object(kind, namespace, name).unwrap();
        let conditions = object["status"]["conditions"].as_array();
        let mut conditions = conditions.into_iter().flatten();
        let ready = conditions.find(|one| one["type"] == "Ready").unwrap();
        ready["message"].as_str().unwrap().to_owned()
    }

    /// All objects and all brokers, without times and without what is numbered anew each time.
    pub(crate) fn picture(&self) -> BTreeMap<String, Value> {
        let mut picture = BTreeMap::new();
        for kind in KINDS {
            for object in self.api.objects(kind) {
                let metadata = &object["metadata"];
                let name = format!("{kind} {}/{}", metadata["namespace"], metadata["name"]);
                picture.insert(name, timeless(&object));
            }
        }
        picture.insert("brokers".to_owned(), self.brokers.picture());
        picture
    }
}

const KINDS: &[&str] = &[
    "KafkaCluster",
    "KafkaTopic",
    "StatefulSet",
    "Pod",
    "PersistentVolumeClaim",
    "Service",
    "ConfigMap",
    "ServiceAccount",
    "PodDisruptionBudget",
    "NetworkPolicy",
];

/// Fields that differ between two runs that come to the same.
const NUMBERED: &[&str] = &[
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "lastTransitionTime",
    "topicId",
    "nodePort",
    "clusterIP",
    "podIP",
    "podIPs",
    "startTime",
    "startedAt",
    "finishedAt",
    "started",
    // Of a report of drift.
    "at",
    // Of what the operator applies: how often it did.
    "generation",
    "observedGeneration",
    // Whose they are has tests of its own; here they tell when somebody wrote.
    "managedFields",
];

fn timeless(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .filter(|(name, _)| !NUMBERED.contains(&name.as_str()));
            Value::Object(
                kept.filter(|(name, _)| *name != "millrace.dev/rendered")
                    .map(|(name, value)| (name.clone(), timeless(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(timeless).collect()),
        other => other.clone(),
    }
}

/// What differs between two pictures, for a reader.
pub(crate) fn differences(
    found: &BTreeMap<String, Value>,
    expected: &BTreeMap<String, Value>,
) -> Vec<String> {
    let names = found.keys().chain(expected.keys());
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| found.get(*name) != expected.get(*name))
        .map(|name| {
            let show = |picture: &BTreeMap<String, Value>| match picture.get(name) {
                Some(value) => format!("{value:#}"),
                None => "none".to_owned(),
            };
            format!(
                "{name}:\nfound {}\nexpected {}",
                show(found),
                show(expected)
            )
        })
        .collect()
}
