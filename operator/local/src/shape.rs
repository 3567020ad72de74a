//! An object brought into its kind's shape: fields that nobody declared are dropped, nulls too, and
//! what is left out gets its default. Pure.

use serde_json::{Map, Value};

use crate::field_path;
use crate::schema::Schema;

/// Drops what the schema does not know. Returns the paths of what was dropped.
pub(crate) fn prune(object: &mut Value, schema: Schema) -> Vec<String> {
    let mut dropped = Vec::new();
    prune_value("", object, schema, &mut dropped);
    dropped
}

fn prune_value(at: &str, value: &mut Value, schema: Schema, dropped: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                let known = schema.property(name).or_else(|| schema.values());
                let Some(known) = known else {
                    dropped.push(field_path::field(at, name));
                    return false;
                };
                prune_value(&field_path::field(at, name), value, known, dropped);
                true
            });
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                prune_value(&field_path::item(at, index), item, schema.items(), dropped);
            }
        }
        _ => {}
    }
}

/// Drops nulls where there may be none.
pub(crate) fn drop_nulls(value: &mut Value, schema: Schema) {
    match value {
        Value::Object(fields) => fields.retain(|name, value| {
            let schema = schema.field(name);
            if value.is_null() {
                return schema.flag("nullable") && schema.keyword("default").is_none();
            }
            drop_nulls(value, schema);
            true
        }),
        Value::Array(items) => {
            for item in items {
                drop_nulls(item, schema.items());
            }
        }
        _ => {}
    }
}

/// Sets what is left out and has a default.
pub(crate) fn set_defaults(value: &mut Value, schema: Schema) {
    match value {
        Value::Object(fields) => {
            for (name, schema) in schema.properties() {
                if let Some(default) = schema.keyword("default") {
                    fields
                        .entry(name.clone())
                        .or_insert_with(|| default.clone());
                }
            }
            for (name, value) in fields {
                set_defaults(value, schema.field(name));
            }
        }
        Value::Array(items) => {
            for item in items {
                set_defaults(item, schema.items());
            }
        }
        _ => {}
    }
}

/// A value of another type than its field, as the API server's decoder tells it: the field, what was
/// found, what was expected.
pub(crate) fn misfit(
    object: &Value,
    schema: Schema,
) -> Option<(String, &'static str, &'static str)> {
    fn look(
        at: &str,
        value: &Value,
        schema: Schema,
    ) -> Option<(String, &'static str, &'static str)> {
        let wanted = schema.text("type").filter(|_| !schema.is_int_or_string());
        let (found, fits) = match value {
            Value::Null => return None,
            Value::Bool(_) => ("bool", wanted == Some("boolean")),
            Value::Number(_) => ("number", matches!(wanted, Some("integer" | "number"))),
            Value::String(_) => ("string", wanted == Some("string")),
            Value::Array(_) => ("array", wanted == Some("array")),
            Value::Object(_) => ("object", wanted == Some("object")),
        };
        if let Some(wanted) = wanted.filter(|_| !fits) {
            return Some((at.to_owned(), found, wanted));
        }
        match value {
            Value::Object(fields) => fields.iter().find_map(|(name, value)| {
                look(&field_path::field(at, name), value, schema.field(name))
            }),
            Value::Array(items) => items.iter().find_map(|item| look(at, item, schema.items())),
            _ => None,
        }
    }
    look("", object, schema)
}

/// Empty maps and lists of metadata are stored as none. An empty list of managers says something.
pub(crate) fn tidy(metadata: &mut Value) {
    let Some(fields) = metadata.as_object_mut() else {
        return;
    };
    fields.retain(|name, value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty() || name == "managedFields",
        Value::Object(fields) => !Map::is_empty(fields),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::Kind;

    fn schema(kind: &str) -> Schema {
        Schema::of(Kind::named(kind).expect("a served kind"))
    }

    #[test]
    fn what_nobody_declared_is_dropped_and_named() {
        let mut topic = json!({"metadata": {"name": "a", "odd": 1}, "spec": {"clusterRef": {"name": "b",
            "odd": 1}, "config": {"any": "thing"}}, "odd": {}});
        let mut dropped = prune(&mut topic, schema("KafkaTopic"));
        dropped.sort();
        assert_eq!(dropped, ["metadata.odd", "odd", "spec.clusterRef.odd"]);
        assert_eq!(
            topic,
            json!({"metadata": {"name": "a"},
            "spec": {"clusterRef": {"name": "b"}, "config": {"any": "thing"}}})
        );
    }

    #[test]
    fn defaults_are_set_and_nulls_dropped() {
        let mut cluster = json!({"spec": {"nodePools": [{"name": "a", "image": null}]}});
        drop_nulls(&mut cluster, schema("KafkaCluster"));
        set_defaults(&mut cluster, schema("KafkaCluster"));
        assert_eq!(
            cluster["spec"]["nodePools"][0],
            json!({"name": "a", "firstBrokerId": 0})
        );
        let mut service = json!({"spec": {"ports": [{"port": 80}]}});
        set_defaults(&mut service, schema("Service"));
        assert_eq!(service["spec"]["ports"][0]["protocol"], "TCP");
    }

    #[test]
    fn a_value_of_another_type_is_found() {
        let map = json!({"data": {"a": 1}});
        let found = misfit(&map, schema("ConfigMap"));
        assert_eq!(found, Some(("data.a".to_owned(), "number", "string")));
        let service = json!({"spec": {"ports": [{"port": 80, "targetPort": "http"}]}});
        assert_eq!(misfit(&service, schema("Service")), None);
    }
}
