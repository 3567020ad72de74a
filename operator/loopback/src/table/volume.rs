//! What is shown of claims, volumes and storage classes.

use jiff::Timestamp;
use serde_json::Value;

use crate::table::column::{Cell, Column};

const NAME: Column = Column::new("Name", Cell::Name);
const AGE: Column = Column::new("Age", Cell::Age);
const MODE: Column = Column::wide("VolumeMode", Cell::At("/spec/volumeMode", "<unset>"));
const ATTRIBUTES: Column = Column::new(
    "VolumeAttributesClass",
    Cell::At("/spec/volumeAttributesClassName", "<unset>"),
);

/// Access modes in the order in which they are shown.
const MODES: &[(&str, &str)] = &[
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
];

pub(crate) fn claim() -> Vec<Column> {
    fn capacity(object: &Value, _: Timestamp) -> Value {
        match bound_to(object) {
            Some(_) => object["status"]["capacity"]["storage"].clone(),
            None => "".into(),
        }
    }
    fn modes_when_bound(object: &Value, _: Timestamp) -> Value {
        match bound_to(object) {
            Some(_) => modes(&object["status"]["accessModes"]).into(),
            None => "".into(),
        }
    }
    vec![
        NAME,
        Column::new("Status", Cell::Made(phase)),
        Column::new("Volume", Cell::At("/spec/volumeName", "")),
        Column::new("Capacity", Cell::Made(capacity)),
        Column::new("Access Modes", Cell::Made(modes_when_bound)),
        Column::new("StorageClass", Cell::At("/spec/storageClassName", "")),
        ATTRIBUTES,
        AGE,
        MODE,
    ]
}

pub(crate) fn volume() -> Vec<Column> {
    fn claimed_by(object: &Value, _: Timestamp) -> Value {
        let claim = &object["spec"]["claimRef"];
        match (claim["namespace"].as_str(), claim["name"].as_str()) {
            (Some(namespace), Some(name)) => format!("{namespace}/{name}").into(),
            _ => "".into(),
        }
    }
    let kept = Cell::At("/spec/persistentVolumeReclaimPolicy", "Retain");
    let access = Cell::Made(|object, _| modes(&object["spec"]["accessModes"]).into());
    vec![
        NAME,
        Column::new("Capacity", Cell::At("/spec/capacity/storage", "")),
        Column::new("Access Modes", access),
        Column::new("Reclaim Policy", kept),
        Column::new("Status", Cell::Made(phase)),
        Column::new("Claim", Cell::Made(claimed_by)),
        Column::new("StorageClass", Cell::At("/spec/storageClassName", "")),
        ATTRIBUTES,
        Column::new("Reason", Cell::At("/status/reason", "")),
        AGE,
        MODE,
    ]
}

pub(crate) fn class() -> Vec<Column> {
    const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
    fn name(object: &Value, _: Timestamp) -> Value {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().unwrap_or_default();
        if metadata["annotations"][IS_DEFAULT] == "true" {
            return format!("{name} (default)").into();
        }
        name.into()
    }
    let binding = Cell::At("/volumeBindingMode", "Immediate");
    let expands = Cell::Made(|object, _| (object["allowVolumeExpansion"] == true).into());
    vec![
        Column::new("Name", Cell::Made(name)),
        Column::new("Provisioner", Cell::At("/provisioner", "")),
        Column::new("ReclaimPolicy", Cell::At("/reclaimPolicy", "Delete")),
        Column::new("VolumeBindingMode", binding),
        Column::new("AllowVolumeExpansion", expands),
        AGE,
    ]
}

fn phase(object: &Value, _: Timestamp) -> Value {
    if object["metadata"]["deletionTimestamp"].is_string() {
        return "Terminating".into();
    }
    object["status"]["phase"]
        .as_str()
        .unwrap_or_default()
        .into()
}

fn bound_to(claim: &Value) -> Option<&str> {
    let volume = claim["spec"]["volumeName"].as_str();
    volume.filter(|volume| !volume.is_empty())
}

fn modes(list: &Value) -> String {
    let has = |mode: &str| {
        let list = list.as_array();
        list.is_some_and(|list| list.iter().any(|known| known == mode))
    };
    let short: Vec<&str> = MODES
        .iter()
        .filter(|(mode, _)| has(mode))
        .map(|(_, short)| *short)
        .collect();
    short.join(",")
}
