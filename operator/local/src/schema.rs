//! What the fields of a kind are: a view of its OpenAPI schema. Those of the project's own kinds come
//! from their definitions, the others lie in `schemas/built-in.json`, made from a real API server's by
//! `MILLRACE_BLESS=1 cargo test -p millrace-kubernetes-tests --test api`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::kinds::{Kind, definitions};

static BUILT_IN: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../schemas/built-in.json"))
        .expect("the committed schemas are JSON")
});

/// Roots of the project's own kinds, by kind.
static CUSTOM: LazyLock<HashMap<&'static str, Value>> = LazyLock::new(|| {
    let kinds = definitions().iter().filter_map(|definition| {
        let kind = Kind::named(&definition.spec.names.kind)?;
        let version = serde_json::to_value(&definition.spec.versions[0]).ok()?;
        let mut schema = version["schema"]["openAPIV3Schema"].clone();
        let reference = |name: &str| json!({"$ref": format!("{REFERENCE}{name}")});
        let fields = &mut schema["properties"];
        fields["metadata"] = reference(OBJECT_META);
        fields["apiVersion"] = json!({"type": "string"});
        fields["kind"] = json!({"type": "string"});
        Some((kind.kind, schema))
    });
    kinds.collect()
});

static ANYTHING: LazyLock<Value> = LazyLock::new(|| json!({}));

const REFERENCE: &str = "#/components/schemas/";
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// The schema of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    node: &'static Value,
}

/// What items of a list are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// The list is one value.
    Atomic,
    /// Plain values, each once.
    Set,
    /// Objects that are told apart by these fields.
    Map(&'static [Value]),
}

impl Schema {
    /// The schema of a kind's objects.
    pub(crate) fn of(kind: &Kind) -> Self {
        if let Some(node) = CUSTOM.get(kind.kind).filter(|_| kind.is_custom()) {
            return Self { node };
        }
        Self::named(&format!("io.k8s.api.{}", in_package(kind)))
    }

    fn named(name: &str) -> Self {
        let node = BUILT_IN.get(name).unwrap_or(&ANYTHING);
        Self { node }
    }

    fn at(node: &'static Value) -> Self {
        match node.get("$ref").and_then(Value::as_str) {
            Some(reference) => Self::named(reference.trim_start_matches(REFERENCE)),
            None => Self { node },
        }
    }

    /// A keyword as it stands.
    pub(crate) fn keyword(self, name: &str) -> Option<&'static Value> {
        self.node.get(name)
    }

    /// The schema as JSON. References in it stay.
    pub(crate) fn plain(self) -> Value {
        self.node.clone()
    }

    pub(crate) fn text(self, name: &str) -> Option<&'static str> {
        self.keyword(name).and_then(Value::as_str)
    }

    pub(crate) fn flag(self, name: &str) -> bool {
        self.keyword(name) == Some(&Value::Bool(true))
    }

    /// Fields that are declared, by name.
    pub(crate) fn properties(self) -> impl Iterator<Item = (&'static String, Self)> {
        let declared = self.keyword("properties").and_then(Value::as_object);
        let declared = declared.into_iter().flatten();
        declared.map(|(name, node)| (name, Self::at(node)))
    }

    pub(crate) fn property(self, name: &str) -> Option<Self> {
        self.keyword("properties")?.get(name).map(Self::at)
    }

    /// What values of undeclared fields are, where there may be any.
    pub(crate) fn values(self) -> Option<Self> {
        if let Some(node) = self.keyword("additionalProperties")
            && node.is_object()
        {
            return Some(Self::at(node));
        }
        let open = self.keyword("properties").is_none();
        (open || self.keeps_unknown()).then_some(Self { node: &ANYTHING })
    }

    /// The schema of a field, declared or not.
    pub(crate) fn field(self, name: &str) -> Self {
        let known = self.property(name).or_else(|| self.values());
        known.unwrap_or(Self { node: &ANYTHING })
    }

    pub(crate) fn items(self) -> Self {
        let node = self.keyword("items");
        node.map_or(Self { node: &ANYTHING }, Self::at)
    }

    /// What items of this list are to each other.
    pub(crate) fn list(self) -> Items {
        match self.text("x-kubernetes-list-type") {
            Some("set") => Items::Set,
            Some("map") => {
                let keys = self.keyword("x-kubernetes-list-map-keys");
                keys.and_then(Value::as_array)
                    .map_or(Items::Atomic, |keys| Items::Map(keys))
            }
            _ => Items::Atomic,
        }
    }

    /// Whether this object is one value.
    pub(crate) fn is_atomic_map(self) -> bool {
        self.text("x-kubernetes-map-type") == Some("atomic")
    }

    pub(crate) fn keeps_unknown(self) -> bool {
        self.flag("x-kubernetes-preserve-unknown-fields")
    }

    pub(crate) fn is_int_or_string(self) -> bool {
        self.flag("x-kubernetes-int-or-string") || self.text("format") == Some("int-or-string")
    }
}

/// `core.v1.Pod` for a pod.
fn in_package(kind: &Kind) -> String {
    let package = match kind.group {
        "" => "core",
        group => group.split('.').next().unwrap_or(group),
    };
    format!("{package}.{}.{}", kind.version, kind.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::kinds;

    #[test]
    fn every_kind_has_a_schema_and_every_reference_a_target() {
        for kind in kinds() {
            let metadata = Schema::of(kind).property("metadata");
            let metadata = metadata.unwrap_or_else(|| panic!("{} has no metadata", kind.kind));
            assert_eq!(
                metadata.property("finalizers").map(Schema::list),
                Some(Items::Set)
            );
        }
        let text = BUILT_IN.to_string();
        for reference in text.split(REFERENCE).skip(1) {
            let name = reference.split('"').next().expect("a reference ends");
            assert!(BUILT_IN.get(name).is_some(), "{name} is missing");
        }
    }
}
