//! What is shown of events, which have one form in the core group and another in their own.

use jiff::Timestamp;
use serde_json::Value;

use crate::table::age::age;
use crate::table::column::{Cell, Column, moment};

pub(crate) fn columns() -> Vec<Column> {
    vec![
        Column::new("Last Seen", Cell::Made(last)),
        Column::new("Type", Cell::At("/type", "")),
        Column::new("Reason", Cell::At("/reason", "")),
        Column::new("Object", Cell::Made(about)),
        Column::wide("Subobject", Cell::Made(part)),
        Column::wide("Source", Cell::Made(source)),
        Column::new(
            "Message",
            Cell::Made(|object, _| text(object, &["/message", "/note"])),
        ),
        Column::wide("First Seen", Cell::Made(first)),
        Column::wide("Count", Cell::Made(count)),
        Column::wide("Name", Cell::Name),
    ]
}

fn either<'a>(object: &'a Value, pointers: &[&str]) -> Option<&'a Value> {
    let mut found = pointers
        .iter()
        .filter_map(|pointer| object.pointer(pointer));
    found.find(|value| !value.is_null())
}

fn text(object: &Value, pointers: &[&str]) -> Value {
    let found = either(object, pointers).and_then(Value::as_str);
    found.unwrap_or_default().trim().into()
}

fn first(object: &Value, now: Timestamp) -> Value {
    let pointers = ["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime"];
    let times = pointers.iter().find_map(|pointer| moment(object, pointer));
    age(times, now).into()
}

fn last(object: &Value, now: Timestamp) -> Value {
    let pointers = [
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/deprecatedLastTimestamp",
    ];
    let last = pointers.iter().find_map(|pointer| moment(object, pointer));
    last.map_or_else(|| first(object, now), |last| age(Some(last), now).into())
}

fn about(object: &Value, _: Timestamp) -> Value {
    let Some(about) = either(object, &["/involvedObject", "/regarding"]) else {
        return "".into();
    };
    let kind = about["kind"].as_str().unwrap_or_default().to_lowercase();
    match about["name"].as_str().filter(|name| !name.is_empty()) {
        Some(name) => format!("{kind}/{name}").into(),
        None => kind.into(),
    }
}

fn part(object: &Value, _: Timestamp) -> Value {
    text(
        object,
        &["/involvedObject/fieldPath", "/regarding/fieldPath"],
    )
}

fn source(object: &Value, _: Timestamp) -> Value {
    let host = [
        "/source/host",
        "/deprecatedSource/host",
        "/reportingInstance",
    ];
    let component = [
        "/source/component",
        "/deprecatedSource/component",
        "/reportingComponent",
        "/reportingController",
    ];
    let parts = [text(object, &component), text(object, &host)];
    let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ").into()
}

fn count(object: &Value, _: Timestamp) -> Value {
    let pointers = ["/series/count", "/count", "/deprecatedCount"];
    let counts = pointers
        .iter()
        .filter_map(|pointer| object.pointer(pointer)?.as_i64());
    counts
        .into_iter()
        .find(|count| *count > 0)
        .unwrap_or(1)
        .into()
}
