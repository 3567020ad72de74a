//! The fields of a schema as rows of a table.

use serde_json::Value;

/// A default stands in the field's own words: the schema has none, so that none is frozen into what is stored.
const LEFT_OUT: &str = "Left out: ";

pub(crate) fn table(schema: &Value) -> String {
    let mut rows =
        "| field | type | left out | may be | meaning |\n|---|---|---|---|---|\n".to_owned();
    add_fields("", schema, &mut rows);
    rows
}

fn add_fields(path: &str, schema: &Value, rows: &mut String) {
    let required: Vec<&str> = strings(&schema["required"]);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}{name}");
        let shown = if required.contains(&name.as_str()) {
            format!("**`{path}`**")
        } else {
            format!("`{path}`")
        };
        let description = field["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ");
        let (meaning, default) = split_default(&description);
        let default = match field.get("default") {
            Some(value) => format!("`{value}`"),
            None => default,
        };
        rows.push_str(&format!(
            "| {shown} | {} | {default} | {} | {meaning} |\n",
            kind(field),
            constraints(field).replace('|', "\\|")
        ));
        if !is_foreign(field) {
            let inner = if field.get("items").is_some() {
                "[]."
            } else {
                "."
            };
            add_fields(&format!("{path}{inner}"), of_items(field), rows);
        }
    }
}

fn of_items(field: &Value) -> &Value {
    field.get("items").unwrap_or(field)
}

/// `How many. Left out: one.` means "How many." and "one".
fn split_default(description: &str) -> (String, String) {
    let Some((before, rest)) = description.split_once(LEFT_OUT) else {
        return (description.to_owned(), String::new());
    };
    let (default, after) = rest
        .split_once(". ")
        .unwrap_or((rest.trim_end_matches('.'), ""));
    let meaning = format!("{before}{after}");
    (meaning.trim().to_owned(), default.to_owned())
}

/// Kubernetes' own types come without descriptions: they have them in Kubernetes' reference.
fn is_foreign(field: &Value) -> bool {
    let inner = of_items(field)["properties"].as_object();
    inner.is_some_and(|inner| {
        inner
            .values()
            .all(|field| field.get("description").is_none())
    })
}

fn kind(field: &Value) -> String {
    if is_foreign(field) {
        let of_kubernetes = "as in Kubernetes";
        return match field.get("items") {
            Some(_) => format!("list, {of_kubernetes}"),
            None => format!("object, {of_kubernetes}"),
        };
    }
    if field["x-kubernetes-int-or-string"] == true {
        return "integer or string".to_owned();
    }
    match field["type"].as_str().unwrap_or("any") {
        "array" => format!("list of {}", kind(&field["items"])),
        "object" => match field.get("additionalProperties") {
            Some(values) => format!("map to {}", kind(values)),
            None => "object".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn constraints(field: &Value) -> String {
    let mut said = Vec::new();
    let values = strings(&of_items(field)["enum"]);
    if !values.is_empty() {
        let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        said.push(values.join(", "));
    }
    let number = |name: &str| field[name].as_f64();
    said.extend(range("", number("minimum"), number("maximum")));
    said.extend(range(
        " characters",
        number("minLength"),
        number("maxLength"),
    ));
    said.extend(range(" entries", number("minItems"), number("maxItems")));
    said.extend(range(" entries", None, number("maxProperties")));
    if let Some(pattern) = field["pattern"].as_str() {
        said.push(format!("`{pattern}`"));
    }
    match field["x-kubernetes-list-type"].as_str() {
        Some("map") => {
            let keys = strings(&field["x-kubernetes-list-map-keys"]);
            said.push(format!("no two of one {}", keys.join(" and ")));
        }
        Some("set") => said.push("each once".to_owned()),
        _ => {}
    }
    said.join("; ")
}

fn range(unit: &str, low: Option<f64>, high: Option<f64>) -> Option<String> {
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}{unit}")),
        (Some(low), None) => Some(format!("at least {low}{unit}")),
        (None, Some(high)) => Some(format!("at most {high}{unit}")),
        (None, None) => None,
    }
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
