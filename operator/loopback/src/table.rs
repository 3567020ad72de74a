//! Objects as the rows that `kubectl get` prints. Pure.

mod age;
mod column;
mod columns;
mod event;
mod pod;
mod volume;

use jiff::Timestamp;
use millrace_local::Kind;
use serde_json::{Value, json};

use column::Column;

/// What of its object a row carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    Nothing,
    Metadata,
    Object,
}

impl Include {
    /// What `includeObject` says.
    pub(crate) fn named(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("" | "Metadata") => Some(Self::Metadata),
            Some("Object") => Some(Self::Object),
            Some("None") => Some(Self::Nothing),
            Some(_) => None,
        }
    }
}

/// How the objects of one kind are shown.
pub(crate) struct Table {
    columns: Vec<Column>,
    include: Include,
}

impl Table {
    pub(crate) fn new(kind: &Kind, include: Include) -> Self {
        Self {
            columns: columns::of(kind),
            include,
        }
    }

    pub(crate) fn of_definitions(include: Include) -> Self {
        Self {
            columns: columns::of_definitions(),
            include,
        }
    }

    /// An object, or a list of objects, as a table.
    pub(crate) fn of(&self, answer: &Value, now: Timestamp) -> Value {
        let mut table = self.without_heads(answer, now);
        let heads: Vec<Value> = self.columns.iter().map(Column::head).collect();
        table["columnDefinitions"] = heads.into();
        table
    }

    /// The same for readers that have seen the heads.
    pub(crate) fn without_heads(&self, answer: &Value, now: Timestamp) -> Value {
        let (metadata, rows): (Value, Vec<Value>) = match answer["items"].as_array() {
            Some(items) => (
                answer["metadata"].clone(),
                items.iter().map(|item| self.row(item, now)).collect(),
            ),
            None => (
                json!({"resourceVersion": answer["metadata"]["resourceVersion"]}),
                vec![self.row(answer, now)],
            ),
        };
        json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata, "columnDefinitions": [], "rows": rows,
        })
    }

    fn row(&self, object: &Value, now: Timestamp) -> Value {
        let columns = self.columns.iter();
        let cells: Vec<Value> = columns.map(|column| column.cell(object, now)).collect();
        let mut row = json!({"cells": cells});
        match self.include {
            Include::Nothing => {}
            Include::Object => row["object"] = object.clone(),
            Include::Metadata => {
                row["object"] = json!({
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": object["metadata"],
                });
            }
        }
        row
    }
}

#[cfg(test)]
mod tests;
