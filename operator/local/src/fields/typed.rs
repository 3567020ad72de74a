//! Objects by their schema: which fields one has, what differs between two, one laid over another,
//! and some fields taken away.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::fields::set::{Set, Step};
use crate::schema::{Items, Schema};

/// The fields that `value` has.
pub(crate) fn fields(value: &Value, schema: Schema) -> Set {
    let mut set = Set::default();
    match value {
        Value::Object(inside) if !schema.is_atomic_map() => {
            for (name, value) in inside {
                let step = Step::field(name);
                let of = schema.field(name);
                let below = fields(value, of);
                let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                if is_leaf(value, of) || empty || schema.property(name).is_none() {
                    set.members.insert(step.clone());
                }
                put(&mut set, step, below);
            }
        }
        Value::Array(items) if schema.list() != Items::Atomic => {
            let mut seen: BTreeMap<Step, usize> = BTreeMap::new();
            let steps = items
                .iter()
                .map(|item| Step::to_item(schema.list(), schema, item));
            let steps: Vec<Option<Step>> = steps.collect();
            for step in steps.iter().flatten() {
                *seen.entry(step.clone()).or_default() += 1;
            }
            for (item, step) in items.iter().zip(steps) {
                let Some(step) = step else { continue };
                // Items that are there twice are one field together.
                if seen.get(&step) == Some(&1) {
                    put(&mut set, step.clone(), fields(item, schema.items()));
                }
                set.members.insert(step);
            }
        }
        _ => {}
    }
    set
}

/// Whether a value is one field, whatever is in it.
fn is_leaf(value: &Value, schema: Schema) -> bool {
    match value {
        Value::Object(_) => schema.is_atomic_map(),
        Value::Array(_) => schema.list() == Items::Atomic,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn put(set: &mut Set, step: Step, below: Set) {
    if !below.is_empty() {
        set.below.insert(step, below);
    }
}

/// What differs between two objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Difference {
    pub(crate) added: Set,
    pub(crate) modified: Set,
    pub(crate) removed: Set,
}

impl Difference {
    pub(crate) fn between(old: &Value, new: &Value, schema: Schema) -> Self {
        let mut difference = Self::default();
        let mut path = Vec::new();
        difference.compare(Some(old), Some(new), schema, &mut path);
        difference
    }

    pub(crate) fn without(self, ignored: &Set) -> Self {
        Self {
            added: self.added.without(ignored),
            modified: self.modified.without(ignored),
            removed: self.removed.without(ignored),
        }
    }

    fn compare(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        schema: Schema,
        path: &mut Vec<Step>,
    ) {
        if old == new {
            return;
        }
        let leaf = match (old, new) {
            (Some(old), Some(new)) => {
                let same_kind = matches!(
                    (old, new),
                    (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_))
                );
                !same_kind || is_leaf(new, schema)
            }
            (Some(one), None) | (None, Some(one)) => is_leaf(one, schema) || is_empty(one),
            (None, None) => return,
        };
        if leaf {
            let set = match (old, new) {
                (None, _) => &mut self.added,
                (_, None) => &mut self.removed,
                _ => &mut self.modified,
            };
            set.insert(path);
            return;
        }
        self.compare_inside(old, new, schema, path);
        match (old, new) {
            (None, _) => self.added.insert(path),
            (_, None) => self.removed.insert(path),
            _ => {}
        }
    }

    fn compare_inside(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        schema: Schema,
        path: &mut Vec<Step>,
    ) {
        if old.or(new).is_some_and(Value::is_object) {
            let (old, new) = (
                old.and_then(Value::as_object),
                new.and_then(Value::as_object),
            );
            let names = old.into_iter().chain(new).flat_map(Map::keys);
            for name in names.collect::<BTreeSet<_>>() {
                path.push(Step::field(name));
                let (old, new) = (
                    old.and_then(|fields| fields.get(name)),
                    new.and_then(|fields| fields.get(name)),
                );
                self.compare(old, new, schema.field(name), path);
                path.pop();
            }
            return;
        }
        let (old, new) = (by_step(old, schema), by_step(new, schema));
        for step in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            path.push(step.clone());
            let (old, new) = (
                old.get(step).map_or(&[][..], Vec::as_slice),
                new.get(step).map_or(&[][..], Vec::as_slice),
            );
            match (old, new) {
                ([] | [_], [] | [_]) => {
                    let (old, new) = (old.first().copied(), new.first().copied());
                    self.compare(old, new, schema.items(), path);
                }
                // Items that are there twice are one field together.
                (old, new) if old != new => self.modified.insert(path),
                _ => {}
            }
            path.pop();
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn by_step(value: Option<&Value>, schema: Schema) -> BTreeMap<Step, Vec<&Value>> {
    let mut items: BTreeMap<Step, Vec<&Value>> = BTreeMap::new();
    for item in value.and_then(Value::as_array).into_iter().flatten() {
        if let Some(step) = Step::to_item(schema.list(), schema, item) {
            items.entry(step).or_default().push(item);
        }
    }
    items
}

/// Lays `over` over `live`: what `over` says holds, what it does not name stays.
pub(crate) fn merged(live: &Value, over: &Value, schema: Schema) -> Value {
    match (live, over) {
        (Value::Object(live), Value::Object(over)) if !schema.is_atomic_map() => {
            let mut all = live.clone();
            for (name, over) in over {
                let value = match live.get(name) {
                    Some(live) => merged(live, over, schema.field(name)),
                    None => over.clone(),
                };
                all.insert(name.clone(), value);
            }
            Value::Object(all)
        }
        (Value::Array(live), Value::Array(over)) if schema.list() != Items::Atomic => {
            Value::Array(merged_items(live, over, schema))
        }
        _ => over.clone(),
    }
}

/// Items of both lists: those that `over` names in its order, others of `live` where they stood.
fn merged_items(live: &[Value], over: &[Value], schema: Schema) -> Vec<Value> {
    let step = |item: &Value| Step::to_item(schema.list(), schema, item);
    let steps_over: Vec<Option<Step>> = over.iter().map(step).collect();
    let steps_live: Vec<Option<Step>> = live.iter().map(step).collect();
    let merge =
        |index: usize| merged_item(live, &steps_live, &over[index], &steps_over[index], schema);
    let mut all = Vec::new();
    let mut next = 0;
    for (item, step) in live.iter().zip(&steps_live) {
        if step.is_none() || !steps_over.contains(step) {
            all.push(item.clone());
            continue;
        }
        // An item that `over` has moved waits for its turn there.
        let is_shared = |index: &usize| steps_live.contains(&steps_over[*index]);
        let shared = (next..over.len()).find(is_shared);
        if let Some(shared) = shared.filter(|shared| steps_over[*shared] == *step) {
            all.extend((next..=shared).map(merge));
            next = shared + 1;
        }
    }
    all.extend((next..over.len()).map(merge));
    all
}

fn merged_item(
    live: &[Value],
    steps: &[Option<Step>],
    over: &Value,
    step: &Option<Step>,
    schema: Schema,
) -> Value {
    let found = steps.iter().position(|one| one == step);
    match found {
        Some(index) => merged(&live[index], over, schema.items()),
        None => over.clone(),
    }
}

/// `value` without the fields of `gone`. `None`: nothing is left of it.
pub(crate) fn without(value: &Value, gone: &Set, schema: Schema) -> Option<Value> {
    match value {
        Value::Object(inside) if !inside.is_empty() => {
            if schema.is_atomic_map() {
                return None;
            }
            let left = inside.iter().filter_map(|(name, value)| {
                let step = Step::field(name);
                let left = left_of(value, &step, gone, schema.field(name))?;
                Some((name.clone(), left))
            });
            let left: Map<String, Value> = left.collect();
            (!left.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(items) if !items.is_empty() => {
            if schema.list() == Items::Atomic {
                return None;
            }
            let left =
                items
                    .iter()
                    .filter_map(|item| match Step::to_item(schema.list(), schema, item) {
                        Some(step) => left_of(item, &step, gone, schema.items()),
                        None => Some(item.clone()),
                    });
            let left: Vec<Value> = left.collect();
            (!left.is_empty()).then_some(Value::Array(left))
        }
        Value::Object(_) | Value::Array(_) => None,
        plain => Some(plain.clone()),
    }
}

fn left_of(value: &Value, step: &Step, gone: &Set, schema: Schema) -> Option<Value> {
    if gone.members.contains(step) {
        return None;
    }
    match gone.below.get(step) {
        // What is emptied stays, as nothing.
        Some(below) => Some(without(value, below, schema).unwrap_or(Value::Null)),
        None => Some(value.clone()),
    }
}
