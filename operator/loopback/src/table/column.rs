//! A column: its head, and what stands in it for one object.

use std::borrow::Cow;

use jiff::Timestamp;
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::query::js_path_process;
use serde_json::{Value, json};

use crate::table::age::age;

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    name: Cow<'static, str>,
    kind: Cow<'static, str>,
    description: Cow<'static, str>,
    /// Columns above 0 are shown with `-o wide` only.
    priority: i32,
    cell: Cell,
}

/// Where a cell's content comes from.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Name,
    Age,
    /// A JSON pointer, and what stands there when there is nothing.
    At(&'static str, &'static str),
    Made(fn(&Value, Timestamp) -> Value),
    /// A path of a definition; `None` is one that cannot be read.
    Path(Option<JpQuery>),
}

impl Column {
    pub(crate) const fn new(name: &'static str, cell: Cell) -> Self {
        Self {
            name: Cow::Borrowed(name),
            kind: Cow::Borrowed("string"),
            description: Cow::Borrowed(""),
            priority: 0,
            cell,
        }
    }

    pub(crate) const fn wide(name: &'static str, cell: Cell) -> Self {
        let mut column = Self::new(name, cell);
        column.priority = 1;
        column
    }

    /// A column of a definition.
    pub(crate) fn defined(
        name: &str,
        kind: &str,
        description: Option<&str>,
        priority: i32,
        path: &str,
    ) -> Self {
        let told = || format!("Custom resource definition column (in JSONPath format): {path}");
        let query = jsonpath_rust::parser::parse_json_path(&format!("${path}"));
        Self {
            name: Cow::Owned(name.to_owned()),
            kind: Cow::Owned(kind.to_owned()),
            description: Cow::Owned(description.map_or_else(told, str::to_owned)),
            priority,
            cell: Cell::Path(query.ok()),
        }
    }

    pub(crate) fn head(&self) -> Value {
        let format = if self.name == "Name" { "name" } else { "" };
        json!({
            "name": self.name, "type": self.kind, "format": format,
            "description": self.description, "priority": self.priority,
        })
    }

    pub(crate) fn cell(&self, object: &Value, now: Timestamp) -> Value {
        match &self.cell {
            Cell::Name => object["metadata"]["name"].clone(),
            Cell::Age => age(moment(object, "/metadata/creationTimestamp"), now).into(),
            Cell::At(pointer, otherwise) => match object.pointer(pointer) {
                None | Some(Value::Null) => (*otherwise).into(),
                Some(Value::String(text)) if text.is_empty() => (*otherwise).into(),
                Some(Value::String(text)) => text.as_str().into(),
                Some(value) => value.to_string().into(),
            },
            Cell::Made(make) => make(object, now),
            Cell::Path(query) => {
                let found = query.as_ref().and_then(|query| first(query, object));
                found.map_or(Value::Null, |value| self.typed(value, now))
            }
        }
    }

    /// Values that are not of the column's type are left out.
    fn typed(&self, value: &Value, now: Timestamp) -> Value {
        let fits = match self.kind.as_ref() {
            "string" => return shown(value),
            "date" => {
                let Some(text) = value.as_str() else {
                    return Value::Null;
                };
                return text
                    .parse()
                    .map_or_else(|_| "<invalid>".into(), |since| age(Some(since), now).into());
            }
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            _ => false,
        };
        if fits { value.clone() } else { Value::Null }
    }
}

fn first<'a>(query: &JpQuery, object: &'a Value) -> Option<&'a Value> {
    let found = js_path_process(query, object).ok()?;
    found.into_iter().next().map(|found| found.val())
}

fn shown(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// The time that stands there.
pub(crate) fn moment(object: &Value, pointer: &str) -> Option<Timestamp> {
    object.pointer(pointer)?.as_str()?.parse().ok()
}
