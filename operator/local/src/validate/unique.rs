//! Lists in which nothing may stand twice.

use serde_json::{Map, Value};

use crate::field_path;
use crate::schema::{Items, Schema};
use crate::validate::mistake::{Mistake, Reason};

pub(crate) fn check(object: &Value, schema: Schema) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    check_value("", object, schema, &mut mistakes);
    mistakes
}

fn check_value(at: &str, value: &Value, schema: Schema, mistakes: &mut Vec<Mistake>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let declared = schema.property(name);
                let path = match declared {
                    Some(_) => field_path::field(at, name),
                    None => field_path::item(at, name),
                };
                if let Some(schema) = declared.or_else(|| schema.values()) {
                    check_value(&path, value, schema, mistakes);
                }
            }
        }
        Value::Array(items) => {
            check_items(at, items, schema.list(), mistakes);
            for (index, item) in items.iter().enumerate() {
                check_value(&field_path::item(at, index), item, schema.items(), mistakes);
            }
        }
        _ => {}
    }
}

fn check_items(at: &str, items: &[Value], kind: Items, mistakes: &mut Vec<Mistake>) {
    let identity = |item: &Value| match kind {
        Items::Atomic => None,
        Items::Set => Some(item.clone()),
        Items::Map(keys) => {
            let keys = keys.iter().filter_map(Value::as_str);
            let keys = keys.filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
            Some(Value::Object(keys.collect::<Map<_, _>>()))
        }
    };
    let identities: Vec<Option<Value>> = items.iter().map(identity).collect();
    for (index, this) in identities.iter().enumerate() {
        let Some(value) = this else { continue };
        // The second of its kind is told, the third is not told again.
        if identities[..index]
            .iter()
            .filter(|other| *other == this)
            .count()
            == 1
        {
            let at = field_path::item(at, index);
            mistakes.push(Mistake::of(Reason::Duplicate, &at, value, ""));
        }
    }
}
