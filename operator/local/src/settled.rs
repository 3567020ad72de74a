//! Fields of built-in kinds that stay as they were created. Pure.

use serde_json::{Map, Value};

use crate::kinds::Kind;
use crate::validate::{Mistake, Reason};

/// What of a StatefulSet's spec may change.
const SET_CHANGES: &[&str] = &[
    "minReadySeconds",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    "revisionHistoryLimit",
    "template",
    "updateStrategy",
];

/// What of a claim's spec may change.
const CLAIM_CHANGES: &[&str] = &["resources", "volumeAttributesClassName", "volumeName"];

/// What of a pod's spec may change.
const POD_CHANGES: &[&str] = &[
    "activeDeadlineSeconds",
    "nodeName",
    "schedulingGates",
    "terminationGracePeriodSeconds",
    "tolerations",
];

/// What an update changes that must stay.
pub(crate) fn check(kind: &Kind, new: &Value, old: &Value) -> Vec<Mistake> {
    let forbidden =
        |field: &str, detail: &str| vec![Mistake::bare(Reason::Forbidden, field, detail)];
    match kind.kind {
        "StatefulSet" if differ(new, old, SET_CHANGES) => {
            let others = SET_CHANGES.join(", ");
            forbidden(
                "spec",
                &format!("updates are allowed to these fields alone: {others}"),
            )
        }
        "PersistentVolumeClaim" if differ(new, old, CLAIM_CHANGES) => forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName \
             for bound claims",
        ),
        "Pod" if differ(&imageless(new), &imageless(old), POD_CHANGES) => forbidden(
            "spec",
            "pod updates may not change fields other than images and tolerations",
        ),
        "Secret" if new["type"] != old["type"] => {
            vec![Mistake::of(
                Reason::Invalid,
                "type",
                &new["type"],
                "field is immutable",
            )]
        }
        "ConfigMap" | "Secret" if old["immutable"] == true => {
            let parts = ["data", "binaryData", "immutable"];
            let changed = parts.iter().filter(|part| new[**part] != old[**part]);
            changed
                .map(|part| {
                    let detail = "field is immutable when `immutable` is set";
                    Mistake::bare(Reason::Forbidden, part, detail)
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the specs differ in anything but these fields.
fn differ(new: &Value, old: &Value, may_change: &[&str]) -> bool {
    let rest = |object: &Value| -> Map<String, Value> {
        let fields = object["spec"].as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| !may_change.contains(&name.as_str()));
        fields
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    rest(new) != rest(old)
}

fn imageless(pod: &Value) -> Value {
    let mut pod = pod.clone();
    for list in ["containers", "initContainers"] {
        for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
            container["image"] = Value::Null;
        }
    }
    pod
}
