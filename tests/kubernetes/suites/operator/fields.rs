//! Every field that may change does, under load: what brokers take while they run without a restart, the rest with
//! one. The definitions on the API server say which fields there are, so none is forgotten.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::load::{POD, under_load};
use crate::specs::cluster;
use crate::stage::Stage;
use crate::traffic::Traffic;

/// A field by its path in the spec, its new value, and the object in whose text that shows.
struct Field {
    path: &'static str,
    value: fn() -> Value,
    shows: (&'static str, &'static str, &'static str),
}

const fn field(
    path: &'static str,
    value: fn() -> Value,
    shows: (&'static str, &'static str, &'static str),
) -> Field {
    Field { path, value, shows }
}

const SET: (&str, &str) = ("statefulset", "fleet-all");
const POLICY: (&str, &str) = ("networkpolicy", "fleet-brokers");
const SERVICE: (&str, &str) = ("service", "fleet-plain-bootstrap");
const FILES: (&str, &str) = ("configmap", "fleet-config");

const fn on(
    object: (&'static str, &'static str),
    text: &'static str,
) -> (&'static str, &'static str, &'static str) {
    (object.0, object.1, text)
}

const fn pod(text: &'static str) -> (&'static str, &'static str, &'static str) {
    ("pod", POD, text)
}

/// Of these the broker does not even notice.
const LIVE: &[Field] = &[
    field(
        "/nodePools/0/storage/persistent/deleteClaim",
        || json!(false),
        on(SET, r#""whenDeleted":"Retain""#),
    ),
    field(
        "/listeners/0/annotations",
        || json!({"example.com/note": "seen"}),
        on(SERVICE, r#""example.com/note":"seen""#),
    ),
    field(
        "/listeners/0/networkPolicyPeers",
        || peers("shop"),
        on(POLICY, r#""app":"shop""#),
    ),
    field(
        "/metrics/networkPolicyPeers",
        || peers("scraper"),
        on(POLICY, r#""app":"scraper""#),
    ),
    field(
        "/rolling/unavailablePartitions",
        || json!("Wait"),
        ("poddisruptionbudget", "fleet", r#""minAvailable":1"#),
    ),
    field(
        "/config",
        || json!({"num.io.threads": 5}),
        on(FILES, "num.io.threads=5"),
    ),
    field(
        "/defaults/retention/time",
        || json!("7d"),
        on(FILES, "log.retention.ms=604800000"),
    ),
    field(
        "/defaults/retention/bytes",
        || json!("1Gi"),
        on(FILES, "log.retention.bytes=1073741824"),
    ),
    field(
        "/topics/allowedNamespaces",
        || json!(["guests"]),
        ("kafkacluster", "fleet", r#"["guests"]"#),
    ),
];

/// These need another pod.
const WITH_A_RESTART: &[Field] = &[
    field(
        "/nodePools/0/resources",
        || json!({"requests": {"cpu": "40m", "memory": "72Mi"}}),
        pod(r#""memory":"72Mi""#),
    ),
    field(
        "/nodePools/0/template/labels",
        || json!({"team": "data"}),
        pod(r#""team":"data""#),
    ),
    field(
        "/nodePools/0/template/annotations",
        || json!({"example.com/a": "b"}),
        pod(r#""example.com/a":"b""#),
    ),
    field(
        "/nodePools/0/template/nodeSelector",
        || json!({"kubernetes.io/os": "linux"}),
        pod(r#""nodeSelector":{"kubernetes.io/os":"linux"}"#),
    ),
    field(
        "/nodePools/0/template/affinity",
        affinity,
        pod(r#""podAntiAffinity""#),
    ),
    field(
        "/nodePools/0/template/tolerations",
        || json!([{"key": "dedicated", "operator": "Exists"}]),
        pod(r#""key":"dedicated""#),
    ),
    field(
        "/nodePools/0/template/topologySpreadConstraints",
        spread,
        pod(r#""topologySpreadConstraints""#),
    ),
    field(
        "/nodePools/0/template/priorityClassName",
        || json!("system-cluster-critical"),
        pod(r#""priorityClassName":"system-cluster-critical""#),
    ),
    field(
        "/nodePools/0/template/securityContext",
        || json!({"runAsUser": 1000, "fsGroup": 1000}),
        pod(r#""runAsUser":1000"#),
    ),
    field(
        "/nodePools/0/template/imagePullSecrets",
        || json!([{"name": "registry"}]),
        pod(r#""imagePullSecrets":[{"name":"registry"}]"#),
    ),
    field(
        "/nodePools/0/template/env",
        || json!([{"name": "REGION", "value": "north"}]),
        pod(r#""value":"north""#),
    ),
    field(
        "/defaults/partitions",
        || json!(5),
        on(FILES, "num.partitions=5"),
    ),
    field(
        "/defaults/replicas",
        || json!(1),
        on(FILES, "default.replication.factor=1"),
    ),
    field(
        "/metrics/port",
        || json!(9500),
        pod(r#""containerPort":9500"#),
    ),
];

/// Fields that other tests change: see there.
const ELSEWHERE: &[(&str, &str)] = &[
    ("/image", "restarts"),
    ("/version", "restarts"),
    ("/paused", "restarts"),
    ("/rack", "racks"),
    ("/listeners", "changes: added, removed, and of every type"),
    ("/nodePools/0/storage/persistent/size", "storage"),
    ("/nodePools/0/storage/ephemeral/sizeLimit", "storage"),
];

/// Fields that never change, or that have one value while a cluster is one broker.
const FIXED: &[&str] = &[
    "/nodePools/0/name",
    "/nodePools/0/replicas",
    "/nodePools/0/roles",
    "/nodePools/0/firstBrokerId",
    "/nodePools/0/storage/persistent/class",
];

fn peers(app: &str) -> Value {
    json!([{"podSelector": {"matchLabels": {"app": app}}}])
}

fn of_cluster() -> Value {
    json!({"matchLabels": {"millrace.dev/cluster": "fleet"}})
}

fn affinity() -> Value {
    let term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": of_cluster()});
    let preferred = json!([{"weight": 1, "podAffinityTerm": term}]);
    json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}})
}

fn spread() -> Value {
    let zone = "topology.kubernetes.io/zone";
    json!([{"maxSkew": 1, "topologyKey": zone, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": of_cluster()}])
}

/// Writes `value` at `path`, making what is missing on the way.
fn set(spec: &mut Value, path: &str, value: Value) -> Result<()> {
    let mut place = spec;
    for part in path.split('/').skip(1) {
        place = match part.parse::<usize>() {
            Ok(index) => place
                .get_mut(index)
                .with_context(|| format!("no {part} of {path}"))?,
            Err(_) => &mut place[part],
        };
    }
    *place = value;
    Ok(())
}

fn change(stage: &Stage<'_>, traffic: &Traffic<'_>, fields: &[Field]) -> Result<()> {
    let mut spec = stage.get("kafkacluster", "fleet")?["spec"].clone();
    for field in fields {
        set(&mut spec, field.path, (field.value)())?;
    }
    stage.patch_spec("kafkacluster", "fleet", &spec)?;
    stage.ready("kafkacluster", "fleet")?;
    for field in fields {
        let (kind, name, text) = field.shows;
        let object = stage.get(kind, name)?.to_string();
        ensure!(
            object.contains(text),
            "{}: no {text} in {object}",
            field.path
        );
    }
    traffic.flows()
}

#[test]
fn every_field_that_may_change_does() -> Result<()> {
    let plain = json!({"name": "plain", "port": 9092, "type": "internal"});
    let fleet = cluster("fleet", json!({"listeners": [plain]}));
    under_load("fields", &fleet, |stage, traffic| {
        let before = stage.uid("pod", POD)?;
        change(stage, traffic, LIVE)?;
        ensure!(stage.uid("pod", POD)? == before, "the pod was restarted");
        let allowed = json!({"rolling": {"unavailablePartitions": "Allow"}});
        stage.patch_spec("kafkacluster", "fleet", &allowed)?;
        change(stage, traffic, WITH_A_RESTART)?;
        ensure!(stage.uid("pod", POD)? != before, "no restart");
        nothing_is_forgotten(stage)
    })
}

/// Every field of the definition is in one of the tables.
fn nothing_is_forgotten(stage: &Stage<'_>) -> Result<()> {
    let name = ["customresourcedefinition", "kafkaclusters.millrace.dev"];
    let definition = stage
        .cluster
        .kubectl()
        .find(&name)?
        .context("a definition")?;
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let mut tested: Vec<&str> = FIXED.to_vec();
    tested.extend(LIVE.iter().chain(WITH_A_RESTART).map(|field| field.path));
    tested.extend(ELSEWHERE.iter().map(|(path, _)| path));
    let mut missing = Vec::new();
    untested(&schema["properties"]["spec"], "", &tested, &mut missing);
    ensure!(missing.is_empty(), "no test changes {missing:?}");
    Ok(())
}

fn untested(schema: &Value, path: &str, tested: &[&str], missing: &mut Vec<String>) {
    let within = format!("{path}/");
    if tested.contains(&path) {
        return;
    }
    let inner = match (&schema["properties"], &schema["items"]) {
        (Value::Object(fields), _) => fields
            .iter()
            .map(|(name, inner)| (name.clone(), inner))
            .collect(),
        (_, items @ Value::Object(_)) => vec![("0".to_owned(), items)],
        _ => Vec::new(),
    };
    if inner.is_empty() || !(path.is_empty() || tested.iter().any(|one| one.starts_with(&within))) {
        missing.push(path.to_owned());
        return;
    }
    for (name, inner) in inner {
        untested(inner, &format!("{path}/{name}"), tested, missing);
    }
}
