//! The columns of every kind: those of the definitions as they say, those of Kubernetes' own kinds as the
//! API server shows them.

use jiff::Timestamp;
use millrace_local::{Kind, definitions};
use serde_json::Value;

use crate::table::column::{Cell, Column};
use crate::table::{event, pod, volume};

const NAME: Column = Column::new("Name", Cell::Name);
const AGE: Column = Column::new("Age", Cell::Age);

/// How definitions are shown.
pub(crate) fn of_definitions() -> Vec<Column> {
    let created = Cell::At("/metadata/creationTimestamp", "");
    vec![NAME, Column::new("Created At", created)]
}

/// How the objects of a kind are shown. One that nobody described has a name and an age.
pub(crate) fn of(kind: &Kind) -> Vec<Column> {
    match (kind.group, kind.kind) {
        ("", "Pod") => pod::columns(),
        ("", "PersistentVolumeClaim") => volume::claim(),
        ("", "PersistentVolume") => volume::volume(),
        ("storage.k8s.io", "StorageClass") => volume::class(),
        ("", "Service") => service(),
        ("", "Node") => node(),
        ("" | "events.k8s.io", "Event") => event::columns(),
        ("apps", "StatefulSet") => stateful_set(),
        ("policy", "PodDisruptionBudget") => disruption_budget(),
        ("", "ConfigMap") => {
            let data = Cell::Made(|object, _| {
                (size(object, "/data") + size(object, "/binaryData")).into()
            });
            vec![NAME, Column::new("Data", data), AGE]
        }
        ("", "Secret") => {
            let data = Cell::Made(|object, _| size(object, "/data").into());
            let kind = Cell::At("/type", "Opaque");
            vec![
                NAME,
                Column::new("Type", kind),
                Column::new("Data", data),
                AGE,
            ]
        }
        ("", "ServiceAccount") => {
            let secrets = Cell::Made(|object, _| size(object, "/secrets").into());
            vec![NAME, Column::new("Secrets", secrets), AGE]
        }
        ("", "Namespace") => {
            vec![
                NAME,
                Column::new("Status", Cell::At("/status/phase", "")),
                AGE,
            ]
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            let selector = Cell::Made(|object, _| selected(&object["spec"]["podSelector"]).into());
            vec![NAME, Column::new("Pod-Selector", selector), AGE]
        }
        ("coordination.k8s.io", "Lease") => {
            let holder = Cell::At("/spec/holderIdentity", "");
            vec![NAME, Column::new("Holder", holder), AGE]
        }
        _ => defined(kind).unwrap_or_else(|| vec![NAME, AGE]),
    }
}

fn defined(kind: &Kind) -> Option<Vec<Column>> {
    let definition = definitions().iter().find(|known| {
        (known.spec.group.as_str(), known.spec.names.kind.as_str()) == (kind.group, kind.kind)
    })?;
    let mut versions = definition.spec.versions.iter();
    let version = versions.find(|version| version.name == kind.version)?;
    let columns = version.additional_printer_columns.iter().flatten();
    let columns = columns.map(|column| {
        Column::defined(
            &column.name,
            &column.type_,
            column.description.as_deref(),
            column.priority.unwrap_or_default(),
            &column.json_path,
        )
    });
    Some(std::iter::once(NAME).chain(columns).collect())
}

fn stateful_set() -> Vec<Column> {
    fn ready(object: &Value, _: Timestamp) -> Value {
        let count = |pointer| object.pointer(pointer).and_then(Value::as_i64);
        let ready = count("/status/readyReplicas").unwrap_or_default();
        format!("{ready}/{}", count("/spec/replicas").unwrap_or(1)).into()
    }
    fn of_containers(object: &Value, field: &str) -> Value {
        let containers = object["spec"]["template"]["spec"]["containers"].as_array();
        let containers = containers.into_iter().flatten();
        let found: Vec<&str> = containers.filter_map(|one| one[field].as_str()).collect();
        found.join(",").into()
    }
    vec![
        NAME,
        Column::new("Ready", Cell::Made(ready)),
        AGE,
        Column::wide(
            "Containers",
            Cell::Made(|object, _| of_containers(object, "name")),
        ),
        Column::wide(
            "Images",
            Cell::Made(|object, _| of_containers(object, "image")),
        ),
    ]
}

fn disruption_budget() -> Vec<Column> {
    let allowed = |object: &Value, _| match &object["status"]["disruptionsAllowed"] {
        Value::Null => 0.into(),
        count => count.clone(),
    };
    vec![
        NAME,
        Column::new("Min Available", Cell::At("/spec/minAvailable", "N/A")),
        Column::new("Max Unavailable", Cell::At("/spec/maxUnavailable", "N/A")),
        Column::new("Allowed Disruptions", Cell::Made(allowed)),
        AGE,
    ]
}

fn service() -> Vec<Column> {
    fn outside(object: &Value, _: Timestamp) -> Value {
        let spec = &object["spec"];
        let given = texts(&spec["externalIPs"]);
        let balanced = object["status"]["loadBalancer"]["ingress"].as_array();
        let balanced = balanced.into_iter().flatten();
        let balanced = balanced.filter_map(|at| at["ip"].as_str().or(at["hostname"].as_str()));
        let (all, none) = match spec["type"].as_str() {
            Some("ExternalName") => return spec["externalName"].clone(),
            Some("LoadBalancer") => (balanced.chain(given).collect(), "<pending>"),
            _ => (given, "<none>"),
        };
        joined_or(&all, none).into()
    }
    fn ports(object: &Value, _: Timestamp) -> Value {
        let ports = object["spec"]["ports"].as_array().into_iter().flatten();
        let ports: Vec<String> = ports
            .map(|port| {
                let protocol = port["protocol"].as_str().unwrap_or("TCP");
                match port["nodePort"].as_i64().filter(|port| *port > 0) {
                    Some(outer) => format!("{}:{outer}/{protocol}", port["port"]),
                    None => format!("{}/{protocol}", port["port"]),
                }
            })
            .collect();
        joined_or(&ports, "<none>").into()
    }
    fn selector(object: &Value, _: Timestamp) -> Value {
        selected(&serde_json::json!({"matchLabels": object["spec"]["selector"]})).into()
    }
    vec![
        NAME,
        Column::new("Type", Cell::At("/spec/type", "ClusterIP")),
        Column::new("Cluster-IP", Cell::At("/spec/clusterIP", "<none>")),
        Column::new("External-IP", Cell::Made(outside)),
        Column::new("Port(s)", Cell::Made(ports)),
        AGE,
        Column::wide("Selector", Cell::Made(selector)),
    ]
}

fn node() -> Vec<Column> {
    const ROLE: &str = "node-role.kubernetes.io/";
    fn status(object: &Value, _: Timestamp) -> Value {
        let conditions = object["status"]["conditions"].as_array();
        let mut conditions = conditions.into_iter().flatten();
        let ready = conditions.find(|condition| condition["type"] == "Ready");
        let ready = match ready {
            None => "Unknown",
            Some(ready) if ready["status"] == "True" => "Ready",
            Some(_) => "NotReady",
        };
        if object["spec"]["unschedulable"] == true {
            return format!("{ready},SchedulingDisabled").into();
        }
        ready.into()
    }
    fn roles(object: &Value, _: Timestamp) -> Value {
        let labels = object["metadata"]["labels"].as_object();
        let labels = labels.into_iter().flatten();
        let roles: Vec<&str> = labels
            .filter_map(|(label, _)| label.strip_prefix(ROLE))
            .filter(|role| !role.is_empty())
            .collect();
        joined_or(&roles, "<none>").into()
    }
    fn address(object: &Value, kind: &str) -> Value {
        let addresses = object["status"]["addresses"].as_array();
        let mut addresses = addresses.into_iter().flatten();
        let found = addresses.find(|address| address["type"] == kind);
        found.map_or_else(|| "<none>".into(), |found| found["address"].clone())
    }
    const INFO: &str = "<unknown>";
    vec![
        NAME,
        Column::new("Status", Cell::Made(status)),
        Column::new("Roles", Cell::Made(roles)),
        AGE,
        Column::new("Version", Cell::At("/status/nodeInfo/kubeletVersion", "")),
        Column::wide(
            "Internal-IP",
            Cell::Made(|object, _| address(object, "InternalIP")),
        ),
        Column::wide(
            "External-IP",
            Cell::Made(|object, _| address(object, "ExternalIP")),
        ),
        Column::wide("OS-Image", Cell::At("/status/nodeInfo/osImage", INFO)),
        Column::wide(
            "Kernel-Version",
            Cell::At("/status/nodeInfo/kernelVersion", INFO),
        ),
        Column::wide(
            "Container-Runtime",
            Cell::At("/status/nodeInfo/containerRuntimeVersion", INFO),
        ),
    ]
}

fn size(object: &Value, pointer: &str) -> usize {
    match object.pointer(pointer) {
        Some(Value::Object(fields)) => fields.len(),
        Some(Value::Array(items)) => items.len(),
        _ => 0,
    }
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

fn joined_or<T: AsRef<str>>(parts: &[T], none: &str) -> String {
    if parts.is_empty() {
        return none.to_owned();
    }
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    parts.join(",")
}

/// A label selector in the words that a query would take, by label.
fn selected(selector: &Value) -> String {
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let equal = equal.filter_map(|(key, value)| {
        let value = value.as_str()?;
        Some((key.as_str(), format!("{key}={value}")))
    });
    let rules = selector["matchExpressions"].as_array();
    let rules = rules.into_iter().flatten().map(|rule| {
        let key = rule["key"].as_str().unwrap_or_default();
        let mut values = texts(&rule["values"]);
        values.sort_unstable();
        let values = values.join(",");
        let text = match rule["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        };
        (key, text)
    });
    let mut parts: Vec<(&str, String)> = equal.chain(rules).collect();
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    joined_or(&parts, "<none>")
}
