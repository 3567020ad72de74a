//! Every mistake of a set of resources: fields that nobody knows, what the API would refuse, and what
//! makes no sense to the operator. A copy of the API is asked, so that nothing is done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::CustomResourceExt;
use kube::api::{Api, DynamicObject, Patch, PatchParams, ValidationDirective};
use millrace_crds::{KafkaCluster, KafkaTopic};
use millrace_local::LocalApi;
use millrace_model::{Cluster, Defaults, Problem, Topic, without_effect};
use serde_json::Value;

use crate::fleet::apply::{MANAGER, resource};
use crate::fleet::manifests::fields::{description, unknown_fields};
use crate::fleet::manifests::kinds::KINDS;
use crate::fleet::manifests::manifest::Manifest;
use crate::fleet::manifests::mistake::Mistake;

/// What is to be told of a set of resources, in the order of the files.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// With any of these nothing is applied.
    pub(crate) mistakes: Vec<Mistake>,
    /// What is applied and yet not in force.
    pub(crate) notices: Vec<Mistake>,
}

/// Checks all of them together. `existing` is what there is already.
pub(crate) async fn check(
    manifests: &[Manifest],
    existing: &[Value],
    defaults: &Defaults,
) -> Checked {
    let schemas = schemas();
    let copy = LocalApi::new(Timestamp::now());
    copy.restore(existing.to_vec());
    let mut mistakes = repeated(manifests);
    let mut notices = Vec::new();
    for manifest in manifests {
        if manifest.user_kind().is_none() {
            mistakes.push(unknown_kind(manifest));
            continue;
        }
        let schema = schemas.get(manifest.kind()).unwrap_or(&Value::Null);
        let mut own = of_unknown_fields(manifest, schema);
        let (problems, doubts) = of_model(manifest, defaults);
        for refused in of_api(&copy, manifest, schema).await {
            // The operator's words for the same are about the very place, and say what to do.
            let same = |told: &&Mistake| is_inside(&told.field, &refused.field);
            let unknown = own.iter().any(|told| told.field == refused.field);
            if unknown || problems.iter().any(|told| same(&told)) {
                continue;
            }
            let doubt = doubts.iter().find(same);
            own.push(doubt.cloned().unwrap_or(refused));
        }
        own.extend(problems);
        mistakes.extend(own);
        notices.extend(doubts);
    }
    for told in [&mut mistakes, &mut notices] {
        told.sort();
        told.dedup();
    }
    Checked { mistakes, notices }
}

/// Whether a field is another one or a part of it.
fn is_inside(field: &str, whole: &str) -> bool {
    let rest = field.strip_prefix(whole);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn schemas() -> BTreeMap<&'static str, Value> {
    let crds = [
        ("KafkaCluster", KafkaCluster::crd()),
        ("KafkaTopic", KafkaTopic::crd()),
    ];
    let schemas = crds.map(|(kind, crd)| {
        let crd = serde_json::to_value(crd).unwrap_or_default();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        (kind, schema.clone())
    });
    schemas.into()
}

fn unknown_kind(manifest: &Manifest) -> Mistake {
    let kind = manifest.kind();
    let same = KINDS.iter().find(|known| known.kind == kind);
    match same {
        Some(known) => {
            let said = manifest.object["apiVersion"].as_str().unwrap_or_default();
            let message = format!("{kind} has no version {said:?}");
            let fix = format!("write apiVersion: {}", known.api_version);
            manifest.mistake("apiVersion", "UnknownVersion", message, fix)
        }
        None => {
            let names: Vec<&str> = KINDS.iter().map(|known| known.kind).collect();
            let message = match kind {
                "" => "the resource does not say of which kind it is".to_owned(),
                kind => format!("the kind {kind} is not served on one machine"),
            };
            let fix = format!("use one of {}", names.join(", "));
            manifest.mistake("kind", "UnknownKind", message, fix)
        }
    }
}

/// Two of one name: which one would hold is anybody's guess.
fn repeated(manifests: &[Manifest]) -> Vec<Mistake> {
    let mut first: BTreeMap<(&str, &str, &str), &Manifest> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for manifest in manifests {
        let key = (manifest.kind(), manifest.namespace(), manifest.name());
        match first.get(&key) {
            None => drop(first.insert(key, manifest)),
            Some(earlier) => {
                let at = earlier.positions.of("metadata.name");
                let message = format!(
                    "{} {} is already at {}:{}",
                    key.0, key.2, earlier.file, at.line
                );
                let fix = "give it another name, or remove one of the two".to_owned();
                mistakes.push(manifest.mistake("metadata.name", "Duplicate", message, fix));
            }
        }
    }
    mistakes
}

fn of_unknown_fields(manifest: &Manifest, schema: &Value) -> Vec<Mistake> {
    let unknown = unknown_fields(&manifest.object, schema).into_iter();
    let mistakes = unknown.map(|unknown| {
        let message = format!("there is no field {:?}", unknown.name);
        let fix = match &unknown.nearest {
            Some(nearest) => format!("write {nearest}, if that is what you mean"),
            None => format!("remove it; known are {}", unknown.known.join(", ")),
        };
        manifest.mistake(&unknown.field, "UnknownField", message, fix)
    });
    mistakes.collect()
}

/// What the API would refuse.
async fn of_api(copy: &LocalApi, manifest: &Manifest, schema: &Value) -> Vec<Mistake> {
    let Some(kind) = manifest.user_kind() else {
        return Vec::new();
    };
    let client = copy.client();
    let resource = resource(kind);
    let api: Api<DynamicObject> = match kind.namespaced {
        true => Api::namespaced_with(client, manifest.namespace(), &resource),
        false => Api::all_with(client, &resource),
    };
    let mut parameters = PatchParams::apply(MANAGER).force();
    // Unknown fields are told apart, each with its place.
    parameters.field_validation = Some(ValidationDirective::Ignore);
    let patch = Patch::Apply(&manifest.object);
    let refused = match api.patch(manifest.name(), &parameters, &patch).await {
        Ok(_) => return Vec::new(),
        Err(kube::Error::Api(status)) => status,
        Err(error) => {
            let fix = "write the resource as its reference says".to_owned();
            return vec![manifest.mistake("", "Refused", error.to_string(), fix)];
        }
    };
    let causes = refused.details.iter().flat_map(|details| &details.causes);
    let mut mistakes: Vec<Mistake> = causes
        .filter(|cause| !cause.field.is_empty() && cause.field != "<nil>")
        .map(|cause| {
            let meant = description(schema, &cause.field);
            let fix = meant.map_or_else(
                || "change it so that this holds".to_owned(),
                |meant| format!("{}: {meant}", cause.field),
            );
            manifest.mistake(&cause.field, &cause.reason, cause.message.clone(), fix)
        })
        .collect();
    if mistakes.is_empty() {
        let fix = "write the resource as its reference says".to_owned();
        mistakes.push(manifest.mistake("", &refused.reason, refused.message.clone(), fix));
    }
    mistakes
}

/// What makes no sense to the operator, and what it would do without or cannot do on one machine. A
/// resource that cannot be read has other mistakes.
fn of_model(manifest: &Manifest, defaults: &Defaults) -> (Vec<Mistake>, Vec<Mistake>) {
    let object = manifest.object.clone();
    let resolved = match manifest.kind() {
        "KafkaCluster" => serde_json::from_value::<KafkaCluster>(object)
            .ok()
            .map(|raw| {
                let resolved = Cluster::resolve(&raw, defaults)?;
                Ok([resolved.warnings, without_effect(&raw)].concat())
            }),
        "KafkaTopic" => serde_json::from_value::<KafkaTopic>(object)
            .ok()
            .map(|raw| Topic::resolve(&raw).map(|resolved| resolved.warnings)),
        _ => None,
    };
    let told = |problems: Vec<Problem>| {
        let told = problems.into_iter().map(|problem| {
            manifest.mistake(&problem.field, problem.reason, problem.message, problem.fix)
        });
        told.collect()
    };
    match resolved {
        Some(Err(problems)) => (told(problems), Vec::new()),
        Some(Ok(warnings)) => (Vec::new(), told(warnings)),
        None => (Vec::new(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fleet::boot::defaults;
    use crate::fleet::manifests::positions::positions;

    #[tokio::test]
    async fn what_cannot_change_is_told_before_anything_is_applied() {
        let topic = |partitions: i32| {
            json!({"apiVersion": "millrace.dev/v1alpha1", "kind": "KafkaTopic",
                "metadata": {"name": "orders", "namespace": "default"},
                "spec": {"clusterRef": {"name": "demo"}, "partitions": partitions}})
        };
        let text = "spec:\n  partitions: 1\n";
        let fewer = Manifest {
            file: "fewer.yaml".to_owned(),
            positions: positions(text).expect("YAML").remove(0),
            object: topic(1),
        };
        let mut existing = topic(3);
        existing["metadata"]["resourceVersion"] = "17".into();
        existing["metadata"]["uid"] = "u".into();
        let checked = check(&[fewer], &[existing], &defaults()).await;
        let told = checked.mistakes.iter().map(|one| one.field.as_str());
        assert_eq!(told.collect::<Vec<_>>(), ["spec.partitions"], "{checked:?}");
    }
}
