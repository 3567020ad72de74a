//! What Kubernetes does besides the API server, as far as the operator relies on it: StatefulSets get
//! pods and claims, pods start and stop, Services get node ports, volumes are bound and grow.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use millrace_local::LocalApi;
use millrace_types::NodeId;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::brokers::Brokers;

/// From a pod to a broker that answers, and from a request to stop to the end.
const STARTS: Duration = Duration::from_secs(2);
const STOPS: Duration = Duration::from_secs(1);

pub(crate) struct Machines {
    pub(crate) api: LocalApi,
    pub(crate) brokers: Brokers,
    /// When a pod's start or stop is done.
    due: HashMap<String, Instant>,
    next_port: u16,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn uid(object: &Value) -> String {
    text(&object["metadata"]["uid"]).to_owned()
}

/// Namespace and name.
fn place(object: &Value) -> (&str, &str) {
    let metadata = &object["metadata"];
    (text(&metadata["namespace"]), text(&metadata["name"]))
}

fn cluster_of(object: &Value) -> String {
    let label = &object["metadata"]["labels"]["millrace.dev/cluster"];
    format!("{}/{}", place(object).0, text(label))
}

impl Machines {
    pub(crate) fn new(api: LocalApi, brokers: Brokers) -> Self {
        Self {
            api,
            brokers,
            due: HashMap::new(),
            next_port: 30_000,
        }
    }

    /// Works until it is dropped.
    pub(crate) async fn run(mut self) {
        let mut newest = self.api.newest();
        loop {
            newest.mark_unchanged();
            self.round();
            let next = self.due.values().min().copied();
            let idle = Instant::now() + Duration::from_secs(3_600);
            tokio::select! {
                _ = newest.changed() => {}
                () = sleep_until(next.unwrap_or(idle)) => {}
            }
        }
    }

    fn round(&mut self) {
        for set in self.api.objects("StatefulSet") {
            self.tend_set(&set);
        }
        let pods = self.api.objects("Pod");
        let alive: Vec<String> = pods.iter().map(|pod| uid(pod)).collect();
        self.due
            .retain(|what, _| alive.iter().any(|uid| what.ends_with(uid.as_str())));
        for pod in &pods {
            self.tend_pod(pod);
        }
        for claim in self.api.objects("PersistentVolumeClaim") {
            self.tend_claim(&claim);
        }
        for service in self.api.objects("Service") {
            self.tend_service(&service);
        }
    }

    fn tend_set(&self, set: &Value) {
        let (namespace, name) = place(set);
        let replicas = set["spec"]["replicas"].as_u64().unwrap_or(1);
        for ordinal in 0..replicas {
            let pod = format!("{name}-{ordinal}");
            for template in set["spec"]["volumeClaimTemplates"]
                .as_array()
                .into_iter()
                .flatten()
            {
                self.make_claim(set, template, &pod);
            }
            match self.api.object("Pod", namespace, &pod) {
                None => drop(self.api.create(made_pod(set, &pod, ordinal))),
                Some(found) if found["metadata"].get("ownerReferences").is_none() => {
                    let _adopted = self.api.edit("Pod", namespace, &pod, |pod| {
                        pod["metadata"]["ownerReferences"] = json!([owner(set, true)]);
                    });
                }
                Some(_) => {}
            }
        }
    }

    fn make_claim(&self, set: &Value, template: &Value, pod: &str) {
        let (namespace, _) = place(set);
        let name = format!("{}-{pod}", text(&template["metadata"]["name"]));
        if self
            .api
            .object("PersistentVolumeClaim", namespace, &name)
            .is_some()
        {
            return;
        }
        let mut metadata =
            json!({"name": name, "namespace": namespace, "labels": template["metadata"]["labels"]});
        let retention = &set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"];
        if retention == "Delete" {
            metadata["ownerReferences"] = json!([owner(set, false)]);
        }
        let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": metadata, "spec": template["spec"]});
        let _made = self.api.create(claim);
    }

    fn tend_pod(&mut self, pod: &Value) {
        let (namespace, name) = place(pod);
        let uid = uid(pod);
        let id = self
            .properties(pod)
            .and_then(|properties| properties.get("node.id")?.parse().ok());
        if pod["metadata"].get("deletionTimestamp").is_some() {
            if let Some(id) = id {
                self.brokers.stop(&cluster_of(pod), NodeId(id));
            }
            if self.is_due(&format!("stop {uid}"), STOPS) {
                let _gone = self.api.finish("Pod", namespace, name);
            }
            return;
        }
        if pod["status"]["phase"] == "Running" || !self.is_due(&format!("start {uid}"), STARTS) {
            return;
        }
        let Some(properties) = self.properties(pod) else {
            return;
        };
        self.brokers.start(&cluster_of(pod), &properties);
        let _ready = self.api.edit("Pod", namespace, name, |pod| {
            pod["spec"]["nodeName"] = "node-a".into();
            pod["status"] = json!({"phase": "Running", "hostIP": "10.0.0.1",
                "conditions": [{"type": "Ready", "status": "True"}]});
        });
    }

    /// What the broker of a pod reads when it starts.
    fn properties(&self, pod: &Value) -> Option<BTreeMap<String, String>> {
        let (namespace, name) = place(pod);
        let cluster = text(&pod["metadata"]["labels"]["millrace.dev/cluster"]);
        let map = self
            .api
            .object("ConfigMap", namespace, &format!("{cluster}-config"))?;
        let file = map["data"][format!("{name}.properties")].as_str()?;
        let lines = file.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        Some(
            pairs
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    fn is_due(&mut self, what: &str, takes: Duration) -> bool {
        let now = Instant::now();
        let due = *self.due.entry(what.to_owned()).or_insert(now + takes);
        if due <= now {
            self.due.remove(what);
        }
        due <= now
    }

    fn tend_claim(&self, claim: &Value) {
        let (namespace, name) = place(claim);
        let wanted = &claim["spec"]["resources"]["requests"]["storage"];
        if claim["status"]["capacity"]["storage"] != *wanted {
            let wanted = wanted.clone();
            let _bound = self
                .api
                .edit("PersistentVolumeClaim", namespace, name, |claim| {
                    claim["status"] = json!({"phase": "Bound", "capacity": {"storage": wanted}});
                });
        }
    }

    fn tend_service(&mut self, service: &Value) {
        let (namespace, name) = place(service);
        let kind = text(&service["spec"]["type"]).to_owned();
        let ports = service["spec"]["ports"].as_array();
        let wants_port = matches!(kind.as_str(), "NodePort" | "LoadBalancer")
            && ports
                .into_iter()
                .flatten()
                .any(|port| port.get("nodePort").is_none());
        let wants_host = kind == "LoadBalancer" && service.get("status").is_none();
        if !wants_port && !wants_host {
            return;
        }
        let next = &mut self.next_port;
        let _given = self.api.edit("Service", namespace, name, |service| {
            for port in service["spec"]["ports"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                if port.get("nodePort").is_none() {
                    port["nodePort"] = (*next).into();
                    *next += 1;
                }
            }
            if wants_host {
                let host = format!("{}.example.com", text(&service["metadata"]["name"]));
                service["status"] = json!({"loadBalancer": {"ingress": [{"hostname": host}]}});
            }
        });
    }
}

fn owner(set: &Value, controller: bool) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "name": set["metadata"]["name"],
        "uid": set["metadata"]["uid"], "controller": controller})
}

fn made_pod(set: &Value, name: &str, ordinal: u64) -> Value {
    let template = &set["spec"]["template"];
    let mut labels = template["metadata"]["labels"].clone();
    labels["statefulset.kubernetes.io/pod-name"] = name.into();
    labels["apps.kubernetes.io/pod-index"] = ordinal.to_string().into();
    json!({"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "metadata": {
        "name": name, "namespace": set["metadata"]["namespace"], "labels": labels,
        "annotations": template["metadata"]["annotations"], "ownerReferences": [owner(set, true)],
    }})
}

/// Runs the machines until the answer is dropped.
pub(crate) fn start(api: &LocalApi, brokers: &Brokers) -> tokio::task::JoinSet<()> {
    let machines = Machines::new(api.clone(), brokers.clone());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(machines.run());
    tasks
}
