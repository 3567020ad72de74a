//! One object seen as another kind: events as the core group has them, and scales. Pure.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::json::text;
use crate::kinds::{Kind, Scale};

/// Names of an event's fields: as they are stored, and in the core group.
const EVENT_NAMES: &[(&str, &str)] = &[
    ("regarding", "involvedObject"),
    ("note", "message"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
    ("reportingController", "reportingComponent"),
];

/// The name of a field and what it is by itself.
type Empty = (&'static str, fn() -> Value);

/// What the core group shows for fields that nobody set.
const EVENT_EMPTY: &[Empty] = &[
    ("reportingComponent", || "".into()),
    ("reportingInstance", || "".into()),
    ("source", || json!({})),
    ("firstTimestamp", || Value::Null),
    ("lastTimestamp", || Value::Null),
    ("eventTime", || Value::Null),
];

/// What objects are of which only the metadata is asked for.
pub(crate) const METADATA_VERSION: &str = "meta.k8s.io/v1";
pub(crate) const METADATA_KIND: &str = "PartialObjectMetadata";

/// A stored object as this kind shows it, or only its metadata where no more was asked for.
pub(crate) fn asked<'a>(kind: &Kind, object: &'a Value, metadata_only: bool) -> Cow<'a, Value> {
    if !metadata_only {
        return shown(kind, object);
    }
    let metadata = &object["metadata"];
    Cow::Owned(json!({"apiVersion": METADATA_VERSION, "kind": METADATA_KIND, "metadata": metadata}))
}

/// A stored object as this kind shows it.
pub(crate) fn shown<'a>(kind: &Kind, object: &'a Value) -> Cow<'a, Value> {
    if kind.stored_as.is_none() {
        return Cow::Borrowed(object);
    }
    let mut shown = renamed(object, |(stored, shown)| (stored, shown));
    if let Some(fields) = shown.as_object_mut() {
        for (name, empty) in EVENT_EMPTY {
            fields.entry(*name).or_insert_with(empty);
        }
    }
    shown["apiVersion"] = kind.api_version().into();
    Cow::Owned(shown)
}

/// What somebody wrote as this kind, as it is stored.
pub(crate) fn stored(kind: &Kind, object: Value) -> Value {
    let (Some(group), false) = (kind.stored_as, object.is_null()) else {
        return object;
    };
    let mut stored = renamed(&object, |(stored, shown)| (shown, stored));
    stored["apiVersion"] = format!("{group}/{}", kind.version).into();
    stored
}

/// An object as field selectors see it.
pub(crate) fn selectable(object: &Value) -> Cow<'_, Value> {
    if object["kind"] != "Event" {
        return Cow::Borrowed(object);
    }
    let mut seen = renamed(object, |(stored, shown)| (stored, shown));
    let source = &seen["source"]["component"];
    let source = if source.is_null() {
        &seen["reportingComponent"]
    } else {
        source
    };
    seen["source"] = source.clone();
    Cow::Owned(seen)
}

fn renamed(
    object: &Value,
    order: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Value {
    let fields = object.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| {
        let mut pairs = EVENT_NAMES.iter().map(|pair| order(*pair));
        let new = pairs
            .find(|(from, _)| from == name)
            .map_or(name.as_str(), |(_, to)| to);
        (new.to_owned(), value.clone())
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// An object as its scale.
pub(crate) fn scale(object: &Value, at: Scale) -> Value {
    let metadata = &object["metadata"];
    let number = |pointer: &str| object.pointer(pointer).cloned().unwrap_or_else(|| 0.into());
    let mut scale = json!({"kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {"name": metadata["name"], "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
            "creationTimestamp": metadata["creationTimestamp"]},
        "spec": {}, "status": {"replicas": number(at.status_replicas)}});
    if metadata["namespace"].is_string() {
        scale["metadata"]["namespace"] = metadata["namespace"].clone();
    }
    let replicas = number(at.spec_replicas);
    if replicas != 0 {
        scale["spec"]["replicas"] = replicas;
    }
    let labels = at
        .selector
        .and_then(|pointer| object.pointer(pointer)?.get("matchLabels"));
    if let Some(labels) = labels.and_then(Value::as_object) {
        let terms = labels.iter();
        let terms = terms.map(|(key, value)| format!("{key}={}", text(value)));
        scale["status"]["selector"] = terms.collect::<Vec<_>>().join(",").into();
    }
    scale
}

/// The object with what its scale was changed to.
pub(crate) fn scaled(object: &Value, scale: &Value, at: Scale) -> Value {
    let mut scaled = object.clone();
    let replicas = scale["spec"].get("replicas").cloned();
    set(
        &mut scaled,
        at.spec_replicas,
        replicas.unwrap_or_else(|| 0.into()),
    );
    let version = &scale["metadata"]["resourceVersion"];
    scaled["metadata"]["resourceVersion"] = version.clone();
    scaled
}

/// Only the field that a scale is about.
pub(crate) fn scale_alone(scale: &Value, at: Scale) -> Value {
    let mut alone = json!({});
    if let Some(replicas) = scale["spec"].get("replicas") {
        set(&mut alone, at.spec_replicas, replicas.clone());
    }
    alone
}

fn set(object: &mut Value, pointer: &str, value: Value) {
    let mut inner = object;
    for name in pointer.split('/').skip(1) {
        if !inner.is_object() {
            *inner = json!({});
        }
        inner = &mut inner[name];
    }
    *inner = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_the_same_in_both_groups() {
        let core = Kind::of_path("", "v1", "events").expect("served");
        let event = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "note": "it happened",
            "regarding": {"name": "a"}, "reportingController": "c", "reason": "Happened"});
        let seen = shown(core, &event).into_owned();
        assert_eq!(
            (&seen["message"], &seen["apiVersion"]),
            (&json!("it happened"), &json!("v1"))
        );
        assert_eq!(seen["involvedObject"]["name"], "a");
        let back = stored(core, seen);
        assert_eq!(back["note"], "it happened");
        assert_eq!(back["apiVersion"], "events.k8s.io/v1");
        assert_eq!(selectable(&event)["source"], "c");
    }

    #[test]
    fn a_scale_reads_and_writes_one_field() {
        let at = Kind::named("StatefulSet")
            .and_then(|kind| kind.scale)
            .expect("scaled");
        let set = json!({"metadata": {"name": "a"}, "spec": {"replicas": 3,
            "selector": {"matchLabels": {"x": "y"}}}, "status": {"replicas": 2}});
        let mut seen = scale(&set, at);
        assert_eq!(
            (&seen["spec"]["replicas"], &seen["status"]["replicas"]),
            (&json!(3), &json!(2))
        );
        assert_eq!(seen["status"]["selector"], "x=y");
        seen["spec"]["replicas"] = 5.into();
        assert_eq!(scaled(&set, &seen, at)["spec"]["replicas"], 5);
        assert_eq!(scale_alone(&seen, at), json!({"spec": {"replicas": 5}}));
    }
}
