//! What a cluster's author may say that does nothing on one machine, where nobody schedules, limits or
//! balances. It is no mistake, since the same file may go to Kubernetes, but it must not be silent. Pure.

use millrace_crds::KafkaCluster;
use serde_json::Value;

use crate::problem::Problem;

/// A field that does nothing on one machine.
struct Idle {
    /// From the root of the resource; `[]` stands for every item of a list.
    field: &'static str,
    /// The one value that asks for nothing that is not there.
    unless: Option<&'static str>,
    why: &'static str,
}

const REASON: &str = "NoEffect";
const FIX: &str = "leave it for Kubernetes, where it holds";

const PROGRAM: &str = "every broker is the program that runs the fleet, and no image is pulled";
const PLACE: &str = "there is one machine, and every pod runs on it";
const LIMIT: &str = "a broker is a process like any other, and may take what the machine has";
const VOLUME: &str = "a volume is a directory, and may take what its disk has";
const ADDRESS: &str = "clients reach every listener at the broker's own address on loopback";
const NETWORK: &str = "only this machine reaches a broker, and whoever is on it may connect";

const IDLE: &[Idle] = &[
    idle("spec.version", PROGRAM),
    idle("spec.image", PROGRAM),
    idle("spec.rack", "one machine is one failure domain"),
    idle("spec.nodePools[].resources", LIMIT),
    idle("spec.nodePools[].storage.persistent.size", VOLUME),
    idle("spec.nodePools[].storage.persistent.class", VOLUME),
    idle("spec.nodePools[].storage.ephemeral.sizeLimit", VOLUME),
    idle("spec.nodePools[].template.nodeSelector", PLACE),
    idle("spec.nodePools[].template.affinity", PLACE),
    idle("spec.nodePools[].template.tolerations", PLACE),
    idle("spec.nodePools[].template.topologySpreadConstraints", PLACE),
    idle("spec.nodePools[].template.priorityClassName", PLACE),
    idle(
        "spec.nodePools[].template.securityContext",
        "brokers run as the user who started the fleet",
    ),
    idle("spec.nodePools[].template.imagePullSecrets", PROGRAM),
    Idle {
        unless: Some("internal"),
        ..idle("spec.listeners[].type", ADDRESS)
    },
    idle("spec.listeners[].advertised", ADDRESS),
    idle(
        "spec.listeners[].annotations",
        "they are for whoever balances load, and nobody does",
    ),
    idle("spec.listeners[].networkPolicyPeers", NETWORK),
    idle("spec.metrics.networkPolicyPeers", NETWORK),
];

const fn idle(field: &'static str, why: &'static str) -> Idle {
    Idle {
        field,
        unless: None,
        why,
    }
}

/// Every field of a cluster that does nothing on one machine.
#[must_use]
pub fn without_effect(raw: &KafkaCluster) -> Vec<Problem> {
    // What serde_json cannot write no file has said.
    let spec = serde_json::to_value(&raw.spec).unwrap_or_default();
    let told = IDLE.iter().flat_map(|idle| {
        let said = found(&spec, idle.field).into_iter();
        let said = said.filter(|(_, value)| idle.unless.is_none_or(|usual| *value != usual));
        said.map(|(field, _)| Problem {
            field,
            reason: REASON,
            message: format!("has no effect on one machine: {}", idle.why),
            fix: FIX.to_owned(),
        })
    });
    told.collect()
}

/// What stands at a path, with the place of each.
fn found<'a>(spec: &'a Value, path: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![("spec".to_owned(), spec)];
    for part in path.split('.').skip(1) {
        let name = part.trim_end_matches("[]");
        let fields = found.into_iter();
        let fields =
            fields.filter_map(|(at, value)| Some((format!("{at}.{name}"), value.get(name)?)));
        found = match name == part {
            true => fields.collect(),
            false => fields.flat_map(|(at, list)| items(&at, list)).collect(),
        };
    }
    found
}

fn items<'a>(at: &str, list: &'a Value) -> Vec<(String, &'a Value)> {
    let items = list.as_array().into_iter().flatten().enumerate();
    items
        .map(|(index, item)| (format!("{at}[{index}]"), item))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kube::CustomResourceExt;

    use super::*;

    /// Fields that do on one machine what they do on Kubernetes, with everything below them.
    const AT_WORK: &[&str] = &[
        "spec.nodePools[].name",
        "spec.nodePools[].replicas",
        "spec.nodePools[].roles",
        "spec.nodePools[].firstBrokerId",
        "spec.nodePools[].storage.persistent.deleteClaim",
        "spec.nodePools[].template.labels",
        "spec.nodePools[].template.annotations",
        "spec.nodePools[].template.env",
        "spec.listeners[].name",
        "spec.listeners[].port",
        "spec.config",
        "spec.defaults",
        "spec.rolling",
        "spec.metrics.port",
        "spec.topics",
        "spec.paused",
    ];

    /// The innermost fields below a schema.
    fn leaves(at: &str, schema: &Value, all: &mut Vec<String>) {
        let mut known = IDLE.iter().map(|idle| idle.field).chain(AT_WORK.to_vec());
        let fields = schema["properties"].as_object();
        if known.any(|field| field == at) || (fields.is_none() && schema["items"].is_null()) {
            all.push(at.to_owned());
            return;
        }
        for (name, schema) in fields.into_iter().flatten() {
            leaves(&format!("{at}.{name}"), schema, all);
        }
        if schema["items"].is_object() {
            leaves(&format!("{at}[]"), &schema["items"], all);
        }
    }

    #[test]
    fn of_every_field_it_is_known_whether_it_does_anything() {
        let definition = serde_json::to_value(KafkaCluster::crd()).expect("JSON");
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let mut all = Vec::new();
        leaves("spec", &schema["properties"]["spec"], &mut all);
        let known = |field: &String| {
            let idle = IDLE.iter().any(|idle| idle.field == field);
            idle || AT_WORK.contains(&field.as_str())
        };
        let unknown: Vec<&String> = all.iter().filter(|field| !known(field)).collect();
        assert_eq!(unknown, Vec::<&String>::new());
        assert_eq!(all.len(), IDLE.len() + AT_WORK.len(), "{all:#?}");
    }

    #[test]
    fn each_is_told_where_it_stands() {
        let text = "
apiVersion: millrace.dev/v1alpha1
kind: KafkaCluster
metadata: {name: c}
spec:
  rack: {topologyKey: zone}
  nodePools:
    - {name: a, replicas: 1, storage: {ephemeral: {}}}
    - {name: b, replicas: 1, storage: {persistent: {size: 1Gi}}, template: {tolerations: [{key: k}]}}
  listeners:
    - {name: inside, port: 9092, type: internal}
    - {name: outside, port: 9093, type: loadBalancer}
";
        let raw: KafkaCluster = serde_yaml::from_str(text).expect("a cluster");
        let told = without_effect(&raw);
        let fields: Vec<&str> = told.iter().map(|one| one.field.as_str()).collect();
        let expected = [
            "spec.rack",
            "spec.nodePools[1].storage.persistent.size",
            "spec.nodePools[1].template.tolerations",
            "spec.listeners[1].type",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn the_page_names_each() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/one-machine.md");
        let page = std::fs::read_to_string(page).expect("the page");
        for idle in IDLE {
            let name = idle.field.trim_start_matches("spec.");
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}
