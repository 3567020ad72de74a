//! Types, required fields, limits, patterns, enums and formats of a structural schema.

use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;
use regex::Regex;
use serde_json::Value;

use crate::correlate;
use crate::field_path;
use crate::schema::Schema;
use crate::validate::mistake::{Mistake, Reason};

pub(crate) fn check(new: &Value, old: Option<&Value>, schema: Schema) -> Vec<Mistake> {
    let mut check = Check::default();
    check.value("", new, old, schema);
    check.mistakes
}

#[derive(Default)]
struct Check {
    mistakes: Vec<Mistake>,
}

impl Check {
    fn value(&mut self, at: &str, new: &Value, old: Option<&Value>, schema: Schema) {
        // What stays as it was is not asked about again.
        if old == Some(new) {
            return;
        }
        if !self.kind(at, new, schema) {
            return;
        }
        match new {
            Value::Object(_) => self.object(at, new, old, schema),
            Value::Array(items) => self.list(at, items, old, schema),
            Value::String(text) => self.text(at, text, schema),
            Value::Number(number) => self.number(at, number, schema),
            Value::Null | Value::Bool(_) => {}
        }
        if let Some(allowed) = schema.keyword("enum").and_then(Value::as_array)
            && !allowed.contains(new)
        {
            let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
            let detail = format!("supported values: {}", allowed.join(", "));
            self.add(Mistake::of(Reason::NotSupported, at, new, &detail));
        }
    }

    fn add(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Whether the value is of the type that it should be.
    fn kind(&mut self, at: &str, new: &Value, schema: Schema) -> bool {
        let wanted = if schema.is_int_or_string() {
            "integer,string"
        } else {
            schema.text("type").unwrap_or_default()
        };
        let found = match new {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if is_whole(number) => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let fits = wanted.is_empty()
            || wanted.split(',').any(|one| one == found)
            || (wanted == "number" && found == "integer")
            || (new.is_null() && schema.flag("nullable"));
        if !fits {
            let detail = format!("{at} in body must be of type {wanted}: {found:?}");
            self.add(Mistake::of(Reason::TypeInvalid, at, &found.into(), &detail));
        }
        fits
    }

    fn object(&mut self, at: &str, new: &Value, old: Option<&Value>, schema: Schema) {
        let fields = new.as_object().into_iter().flatten();
        for (name, value) in fields {
            let known = schema.property(name).or_else(|| schema.values());
            // Metadata has rules of its own.
            let Some(known) = known.filter(|_| !(at.is_empty() && name == "metadata")) else {
                continue;
            };
            let old = old.and_then(|old| old.get(name));
            self.value(&field_path::field(at, name), value, old, known);
        }
        let required = schema.keyword("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if new.get(name).is_none() {
                let at = field_path::field(at, name);
                self.add(Mistake::bare(Reason::Required, &at, ""));
            }
        }
        let count = new.as_object().map_or(0, serde_json::Map::len);
        if let Some(most) = limit(schema, "maxProperties").filter(|most| count > *most) {
            self.too_many(at, count, most);
        }
        if let Some(least) = limit(schema, "minProperties").filter(|least| count < *least) {
            let detail = format!("{at} in body should have at least {least} properties");
            self.add(Mistake::of(Reason::Invalid, at, &count.into(), &detail));
        }
    }

    fn list(&mut self, at: &str, items: &[Value], old: Option<&Value>, schema: Schema) {
        for (index, item) in items.iter().enumerate() {
            let old = old.and_then(|old| correlate::item(old, item, index, schema));
            self.value(&field_path::item(at, index), item, old, schema.items());
        }
        let count = items.len();
        if let Some(most) = limit(schema, "maxItems").filter(|most| count > *most) {
            self.too_many(at, count, most);
        }
        if let Some(least) = limit(schema, "minItems").filter(|least| count < *least) {
            let detail = format!("{at} in body should have at least {least} items");
            self.add(Mistake::of(Reason::Invalid, at, &count.into(), &detail));
        }
    }

    fn text(&mut self, at: &str, text: &str, schema: Schema) {
        let value = Value::from(text);
        let length = text.chars().count();
        if let Some(most) = limit(schema, "maxLength").filter(|most| length > *most) {
            let bytes = if most == 1 { "byte" } else { "bytes" };
            let detail = format!("may not be more than {most} {bytes}");
            self.add(Mistake::bare(Reason::TooLong, at, &detail));
        }
        if let Some(least) = limit(schema, "minLength").filter(|least| length < *least) {
            let detail = format!("{at} in body should be at least {least} chars long");
            self.add(Mistake::of(Reason::Invalid, at, &value, &detail));
        }
        if let Some(pattern) = schema.text("pattern")
            && !matches(pattern, text)
        {
            let detail = format!("{at} in body should match '{pattern}'");
            self.add(Mistake::of(Reason::Invalid, at, &value, &detail));
        }
        if schema.text("format") == Some("date-time") && text.parse::<jiff::Timestamp>().is_err() {
            let detail = format!("{at} in body must be of type date-time: {text:?}");
            self.add(Mistake::of(Reason::TypeInvalid, at, &value, &detail));
        }
    }

    fn number(&mut self, at: &str, number: &serde_json::Number, schema: Schema) {
        let value = Value::Number(number.clone());
        let found = number.as_f64().unwrap_or_default();
        let bound = |name: &str| schema.keyword(name).and_then(Value::as_f64);
        if let Some(most) = bound("maximum").filter(|most| found > *most) {
            let detail = format!(
                "{at} in body should be less than or equal to {}",
                shown(most)
            );
            self.add(Mistake::of(Reason::Invalid, at, &value, &detail));
        }
        if let Some(least) = bound("minimum").filter(|least| found < *least) {
            let detail = format!(
                "{at} in body should be greater than or equal to {}",
                shown(least)
            );
            self.add(Mistake::of(Reason::Invalid, at, &value, &detail));
        }
        if schema.text("format") == Some("int32")
            && number
                .as_i64()
                .is_none_or(|number| i32::try_from(number).is_err())
        {
            let detail = format!("Checked value must be of type integer with format int32 in {at}");
            self.add(Mistake::of(Reason::Invalid, at, &value, &detail));
        }
    }

    fn too_many(&mut self, at: &str, count: usize, most: usize) {
        let items = if most == 1 { "item" } else { "items" };
        let detail = format!("must have at most {most} {items}");
        self.add(Mistake::of(Reason::TooMany, at, &count.into(), &detail));
    }
}

fn limit(schema: Schema, name: &str) -> Option<usize> {
    let limit = schema.keyword(name)?.as_u64()?;
    usize::try_from(limit).ok()
}

fn is_whole(number: &serde_json::Number) -> bool {
    number.is_i64()
        || number.is_u64()
        || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// A bound as Go prints it.
fn shown(bound: f64) -> String {
    const PLAIN_BELOW: f64 = 1e21;
    if bound.abs() >= PLAIN_BELOW {
        return format!("{bound:e}");
    }
    bound.to_string()
}

fn matches(pattern: &'static str, text: &str) -> bool {
    static KNOWN: LazyLock<Mutex<HashMap<&'static str, Option<Regex>>>> =
        LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock();
    let compiled = known
        .entry(pattern)
        .or_insert_with(|| Regex::new(pattern).ok());
    compiled
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(text))
}
