//! The rules in CEL that the definitions of the project's own kinds carry.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use kube_cel::{CompiledSchema, compile_schema, validate_compiled};
use serde_json::Value;

use crate::correlate;
use crate::field_path;
use crate::json::text;
use crate::kinds::{Kind, kinds};
use crate::schema::Schema;
use crate::validate::mistake::{Mistake, ROOT, Reason};

/// Rules of one value and of what is in it, where there are any.
struct Rules {
    schema: Schema,
    /// Rules that look at the new value alone.
    standing: Option<CompiledSchema>,
    /// Rules that compare with the old one.
    changing: Option<CompiledSchema>,
    properties: BTreeMap<&'static str, Self>,
    values: Option<Box<Self>>,
    items: Option<Box<Self>>,
}

static RULES: LazyLock<HashMap<&'static str, Option<Rules>>> = LazyLock::new(|| {
    let custom = kinds().iter().filter(|kind| kind.is_custom());
    custom
        .map(|kind| (kind.kind, Rules::of(Schema::of(kind))))
        .collect()
});

pub(crate) fn check(kind: &Kind, new: &Value, old: Option<&Value>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if let Some(Some(rules)) = RULES.get(kind.kind) {
        rules.check("", new, old, &mut mistakes);
    }
    mistakes
}

impl Rules {
    fn of(schema: Schema) -> Option<Self> {
        let inside = |schema: Option<Schema>| schema.and_then(Self::of).map(Box::new);
        let is_list = schema.keyword("items").is_some();
        let is_map = schema.keyword("additionalProperties").is_some();
        let properties = schema.properties();
        let rules = Self {
            schema,
            standing: compiled(schema, false),
            changing: compiled(schema, true),
            properties: properties
                .filter_map(|(name, schema)| Some((name.as_str(), Self::of(schema)?)))
                .collect(),
            values: inside(is_map.then(|| schema.values()).flatten()),
            items: inside(is_list.then(|| schema.items())),
        };
        let any = rules.standing.is_some()
            || rules.changing.is_some()
            || !rules.properties.is_empty()
            || rules.values.is_some()
            || rules.items.is_some();
        any.then_some(rules)
    }

    fn check(&self, at: &str, new: &Value, old: Option<&Value>, mistakes: &mut Vec<Mistake>) {
        // What stays as it was is not asked about again.
        if let Some(rules) = self.standing.as_ref().filter(|_| old != Some(new)) {
            self.ask(rules, at, new, None, mistakes);
        }
        if let (Some(rules), Some(_)) = (&self.changing, old) {
            self.ask(rules, at, new, old, mistakes);
        }
        match new {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let old = old.and_then(|old| old.get(name));
                    if let Some(rules) = self.properties.get(name.as_str()) {
                        rules.check(&field_path::field(at, name), value, old, mistakes);
                    } else if let Some(rules) = &self.values {
                        rules.check(&field_path::item(at, name), value, old, mistakes);
                    }
                }
            }
            Value::Array(items) => {
                let Some(rules) = &self.items else { return };
                for (index, item) in items.iter().enumerate() {
                    let old = old.and_then(|old| correlate::item(old, item, index, self.schema));
                    rules.check(&field_path::item(at, index), item, old, mistakes);
                }
            }
            _ => {}
        }
    }

    fn ask(
        &self,
        rules: &CompiledSchema,
        at: &str,
        new: &Value,
        old: Option<&Value>,
        mistakes: &mut Vec<Mistake>,
    ) {
        let Err(errors) = validate_compiled(rules, new, old) else {
            return;
        };
        let kind = Value::from(self.schema.text("type").unwrap_or("object"));
        for error in errors {
            let field = error.field_path.trim_start_matches('.');
            let field = match (at, field) {
                ("", "") => ROOT.to_owned(),
                (at, "") => at.to_owned(),
                (at, field) => field_path::field(at, field),
            };
            let message = &error.message;
            mistakes.push(match error.reason.as_deref() {
                Some("FieldValueForbidden") => Mistake::bare(Reason::Forbidden, &field, message),
                Some("FieldValueRequired") => Mistake::bare(Reason::Required, &field, message),
                Some("FieldValueDuplicate") => Mistake::of(Reason::Duplicate, &field, &kind, ""),
                _ => Mistake::of(Reason::Invalid, &field, &kind, message),
            });
        }
    }
}

/// The rules of this value alone that compare with an older one, or that do not.
fn compiled(schema: Schema, changing: bool) -> Option<CompiledSchema> {
    let rules = schema.keyword("x-kubernetes-validations")?.as_array()?;
    let compares = |rule: &&Value| text(&rule["rule"]).contains("oldSelf");
    let rules: Vec<Value> = rules
        .iter()
        .filter(|rule| compares(rule) == changing)
        .cloned()
        .collect();
    if rules.is_empty() {
        return None;
    }
    let mut alone = schema.plain();
    take_rules(&mut alone);
    alone["x-kubernetes-validations"] = rules.into();
    Some(compile_schema(&alone))
}

fn take_rules(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-validations");
            fields.values_mut().for_each(take_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(take_rules),
        _ => {}
    }
}
