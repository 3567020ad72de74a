//! Fields that a kind's schema does not have, and what their author may have meant. Pure.

use serde_json::Value;

/// A name that differs by more is another one.
const DISTANCE_MAX: f64 = 0.75;

/// A field that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownField {
    /// Such as `spec.listeners[1].prot`.
    pub(crate) field: String,
    pub(crate) name: String,
    /// The nearest that is known, if one is near.
    pub(crate) nearest: Option<String>,
    /// All that would be known there.
    pub(crate) known: Vec<String>,
}

/// Every unknown field of an object.
pub(crate) fn unknown_fields(object: &Value, schema: &Value) -> Vec<UnknownField> {
    let mut found = Vec::new();
    walk(object, schema, "", &mut found);
    found
}

/// What the schema says of a field.
pub(crate) fn description<'a>(schema: &'a Value, field: &str) -> Option<&'a str> {
    let mut schema = schema;
    for part in field.split('.') {
        let (name, indexes) = part.split_once('[').map_or((part, 0), |(name, rest)| {
            (name, 1 + rest.matches('[').count())
        });
        schema = schema.get("properties")?.get(name)?;
        for _ in 0..indexes {
            schema = schema.get("items")?;
        }
    }
    let text = schema.get("description")?.as_str()?;
    text.split("\n").next().map(str::trim)
}

fn walk(value: &Value, schema: &Value, at: &str, found: &mut Vec<UnknownField>) {
    match value {
        Value::Object(fields) => {
            let known = schema.get("properties").and_then(Value::as_object);
            let others = schema.get("additionalProperties");
            let open = schema.get("x-kubernetes-preserve-unknown-fields").is_some();
            for (name, value) in fields {
                let field = join(at, name);
                if is_checked_elsewhere(&field) {
                    continue;
                }
                match (known.and_then(|known| known.get(name)), others) {
                    (Some(schema), _) | (None, Some(schema)) => walk(value, schema, &field, found),
                    (None, None) => {
                        if let Some(known) = known.filter(|_| !open) {
                            let known: Vec<String> = known.keys().cloned().collect();
                            found.push(UnknownField {
                                nearest: nearest(name, &known),
                                name: name.clone(),
                                field,
                                known,
                            });
                        }
                    }
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    walk(item, schema, &format!("{at}[{index}]"), found);
                }
            }
        }
        _ => {}
    }
}

/// These have the same fields in every kind, which a kind's own schema leaves out.
fn is_checked_elsewhere(field: &str) -> bool {
    matches!(field, "apiVersion" | "kind" | "metadata" | "status")
}

fn join(at: &str, name: &str) -> String {
    match at {
        "" => name.to_owned(),
        at => format!("{at}.{name}"),
    }
}

fn nearest(name: &str, known: &[String]) -> Option<String> {
    let likeness = |one: &&String| strsim::jaro_winkler(&one.to_lowercase(), &name.to_lowercase());
    let best = known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= DISTANCE_MAX).then(|| best.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_are_found_with_what_was_meant() {
        let schema = json!({"properties": {"spec": {"properties": {
            "replicas": {"description": "How many.\nAnd more.", "type": "integer"},
            "listeners": {"items": {"properties": {"port": {}, "name": {}}}},
            "config": {"additionalProperties": {}},
            "anything": {"properties": {}, "x-kubernetes-preserve-unknown-fields": true},
        }}}});
        let object = json!({"apiVersion": "v", "kind": "k", "metadata": {"x": 1}, "spec": {
            "replica": 1, "listeners": [{"port": 1}, {"prot": 2}], "config": {"a": 1},
            "anything": {"b": 2}, "qqq": 3}});
        let found: Vec<(String, Option<String>)> = unknown_fields(&object, &schema)
            .into_iter()
            .map(|unknown| (unknown.field, unknown.nearest))
            .collect();
        let expected = [
            ("spec.listeners[1].prot", Some("port")),
            ("spec.qqq", None),
            ("spec.replica", Some("replicas")),
        ];
        let expected = expected.map(|(field, near)| (field.to_owned(), near.map(str::to_owned)));
        assert_eq!(found, expected);
        assert_eq!(description(&schema, "spec.replicas"), Some("How many."));
        assert_eq!(description(&schema, "spec.none"), None);
    }
}
