//! Sets of fields, and how `managedFields` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::schema::{Items, Schema};

/// One step from a value to a part of it. Keys and values are JSON text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Field(String),
    /// The item of a list with these keys, an object.
    Keys(String),
    /// The item of a set.
    Item(String),
}

impl Step {
    pub(crate) fn field(name: &str) -> Self {
        Self::Field(name.to_owned())
    }

    /// The step to an item of a list; `None` where the list cannot hold such an item.
    pub(crate) fn to_item(items: Items, schema: Schema, item: &Value) -> Option<Self> {
        match items {
            Items::Atomic => None,
            Items::Set => {
                let plain = !matches!(item, Value::Null | Value::Array(_) | Value::Object(_));
                plain.then(|| Self::Item(item.to_string()))
            }
            Items::Map(keys) => {
                let item = item.as_object()?;
                let named = keys.iter().filter_map(Value::as_str).filter_map(|key| {
                    let value = item.get(key).or_else(|| {
                        let field = schema.items().property(key)?;
                        field.keyword("default")
                    })?;
                    Some((key.to_owned(), value.clone()))
                });
                let named: BTreeMap<String, Value> = named.collect();
                let text = serde_json::to_string(&named).expect("keys are JSON");
                (!named.is_empty()).then_some(Self::Keys(text))
            }
        }
    }

    fn read(text: &str) -> Option<Self> {
        let (mark, rest) = text.split_once(':')?;
        Some(match mark {
            "f" => Self::Field(rest.to_owned()),
            "v" => Self::Item(rest.to_owned()),
            "k" => {
                let keys: BTreeMap<String, Value> = serde_json::from_str(rest).ok()?;
                Self::Keys(serde_json::to_string(&keys).ok()?)
            }
            _ => return None,
        })
    }

    fn written(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Keys(keys) => format!("k:{keys}"),
            Self::Item(value) => format!("v:{value}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(to, ".{name}"),
            Self::Item(value) => write!(to, "[={value}]"),
            Self::Keys(keys) => {
                let keys: BTreeMap<String, Value> = serde_json::from_str(keys).unwrap_or_default();
                let keys = keys.iter().map(|(key, value)| format!("{key}={value}"));
                write!(to, "[{}]", keys.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// A set of fields: members, and sets below steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) members: BTreeSet<Step>,
    pub(crate) below: BTreeMap<Step, Self>,
}

impl Set {
    /// The set of these paths of field names.
    pub(crate) fn of(paths: &[&[&str]]) -> Self {
        let mut set = Self::default();
        for path in paths {
            let path: Vec<Step> = path.iter().map(|name| Step::field(name)).collect();
            set.insert(&path);
        }
        set
    }

    pub(crate) fn insert(&mut self, path: &[Step]) {
        match path {
            [] => {}
            [last] => drop(self.members.insert(last.clone())),
            [first, rest @ ..] => self.below.entry(first.clone()).or_default().insert(rest),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.below.values().all(Self::is_empty)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.members.extend(other.members.iter().cloned());
        for (step, below) in &other.below {
            let mine = all.below.entry(step.clone()).or_default();
            *mine = mine.union(below);
        }
        all
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.with_each(
            other,
            |mine, theirs| mine & theirs,
            |_| None,
            Self::intersection,
        )
    }

    /// What is here and not there; what lies below a member there stays.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let keep = |set: &Self| Some(set.clone());
        self.with_each(other, |mine, theirs| mine - theirs, keep, Self::difference)
    }

    /// What is here and neither there nor below a member there.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let keep = |set: &Self| Some(set.clone());
        let mut left = self.with_each(other, |mine, theirs| mine - theirs, keep, Self::without);
        left.below.retain(|step, _| !other.members.contains(step));
        left
    }

    fn with_each(
        &self,
        other: &Self,
        members: impl Fn(&BTreeSet<Step>, &BTreeSet<Step>) -> BTreeSet<Step>,
        alone: impl Fn(&Self) -> Option<Self>,
        both: impl Fn(&Self, &Self) -> Self,
    ) -> Self {
        let below = self.below.iter().filter_map(|(step, mine)| {
            let found = match other.below.get(step) {
                Some(theirs) => Some(both(mine, theirs)),
                None => alone(mine),
            };
            let found = found.filter(|found| !found.is_empty())?;
            Some((step.clone(), found))
        });
        Self {
            members: members(&self.members, &other.members),
            below: below.collect(),
        }
    }

    /// With the declared fields on the way to every member as members too.
    pub(crate) fn with_named(&self, schema: Schema) -> Self {
        let mut all = Self {
            members: self.members.clone(),
            below: BTreeMap::new(),
        };
        for (step, below) in &self.below {
            let inner = match step {
                Step::Field(name) => {
                    if schema.property(name).is_some() {
                        all.members.insert(step.clone());
                    }
                    schema.field(name)
                }
                Step::Keys(_) | Step::Item(_) => schema.items(),
            };
            all.below.insert(step.clone(), below.with_named(inner));
        }
        all
    }

    /// Every member's path.
    pub(crate) fn paths(&self) -> Vec<String> {
        let members = self.members.iter().map(ToString::to_string);
        let below = self.below.iter().flat_map(|(step, below)| {
            let paths = below.paths().into_iter();
            paths.map(move |path| format!("{step}{path}"))
        });
        members.chain(below).collect()
    }

    /// Reads `fieldsV1`.
    pub(crate) fn read(fields: &Value) -> Self {
        let mut set = Self::default();
        for (text, below) in fields.as_object().into_iter().flatten() {
            let Some(step) = Step::read(text) else {
                continue;
            };
            let empty = below.as_object().is_none_or(Map::is_empty);
            if empty || below.get(".").is_some() {
                set.members.insert(step.clone());
            }
            let below = Self::read(below);
            if !below.is_empty() {
                set.below.insert(step, below);
            }
        }
        set
    }

    /// As `fieldsV1`.
    pub(crate) fn written(&self) -> Value {
        let mut fields = Map::new();
        for (step, below) in &self.below {
            if below.is_empty() {
                continue;
            }
            let mut inner = below.written();
            if self.members.contains(step) {
                inner["."] = Value::Object(Map::new());
            }
            fields.insert(step.written(), inner);
        }
        for step in &self.members {
            let empty = || Value::Object(Map::new());
            fields.entry(step.written()).or_insert_with(empty);
        }
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let fields = json!({"f:spec": {
            "f:ports": {".": {}, "k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
            "f:type": {}}, "f:metadata": {"f:finalizers": {"v:\"a\"": {}}}});
        let set = Set::read(&fields);
        assert_eq!(set.written(), fields);
        let paths = set.paths();
        let expected = [
            ".metadata.finalizers[=\"a\"]",
            ".spec.type",
            ".spec.ports",
            ".spec.ports[port=80,protocol=\"TCP\"]",
            ".spec.ports[port=80,protocol=\"TCP\"].port",
        ];
        for path in expected {
            assert!(paths.contains(&path.to_owned()), "{path} of {paths:?}");
        }
        assert_eq!(paths.len(), expected.len());
    }

    #[test]
    fn sets_are_joined_and_taken_apart() {
        let set = |paths: &[&[&str]]| Set::of(paths);
        let all = set(&[&["a"], &["a", "b"], &["c", "d"], &["c", "e"]]);
        let some = set(&[&["a"], &["c", "d"]]);
        assert_eq!(all.difference(&some), set(&[&["a", "b"], &["c", "e"]]));
        assert_eq!(all.without(&some), set(&[&["c", "e"]]));
        assert_eq!(all.intersection(&some), some);
        assert_eq!(all.difference(&some).union(&some), all);
        assert!(some.difference(&all).is_empty());
    }
}
