//! Where each field of a YAML file stands. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_yaml::granit_parser::{Event, Parser, ScanError, Span};

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The fields of one document, such as `spec.listeners[1].port`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions {
    fields: BTreeMap<String, Position>,
    begins: Position,
}

impl Positions {
    /// Where a field stands, or else the innermost one that it would be in.
    pub(crate) fn of(&self, field: &str) -> Position {
        let mut field = field;
        loop {
            if let Some(position) = self.fields.get(field) {
                return *position;
            }
            match field.rfind(['.', '[']) {
                Some(at) => field = &field[..at],
                None => return self.begins,
            }
        }
    }
}

/// One that is open: how its members are named.
enum Frame {
    Map { path: String, key: Option<String> },
    List { path: String, next: usize },
}

/// The fields of every document that is not empty.
pub(crate) fn positions(text: &str) -> Result<Vec<Positions>, ScanError> {
    let mut documents = Vec::new();
    let mut current = Positions::default();
    let mut open: Vec<Frame> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        match event {
            Event::DocumentStart(..) => current = Positions::default(),
            Event::DocumentEnd => {
                let document = std::mem::take(&mut current);
                if document.begins != Position::default() {
                    documents.push(document);
                }
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let path = enter(&mut open, &mut current, None, &span);
                let path = path.unwrap_or_default();
                open.push(match event {
                    Event::MappingStart(..) => Frame::Map { path, key: None },
                    _ => Frame::List { path, next: 0 },
                });
            }
            Event::MappingEnd | Event::SequenceEnd => drop(open.pop()),
            Event::Scalar(value, ..) => drop(enter(&mut open, &mut current, Some(&value), &span)),
            Event::Alias(_) => drop(enter(&mut open, &mut current, None, &span)),
            _ => {}
        }
    }
    Ok(documents)
}

/// A node begins. Its path, unless it is the key of a map.
fn enter(
    open: &mut [Frame],
    document: &mut Positions,
    scalar: Option<&str>,
    span: &Span,
) -> Option<String> {
    let at = Position {
        line: span.start.line(),
        column: span.start.col() + 1,
    };
    match open.last_mut() {
        None => {
            // What says nothing is no resource.
            if !matches!(scalar, Some("" | "~" | "null")) {
                document.begins = at;
            }
            Some(String::new())
        }
        Some(Frame::List { path, next }) => {
            let path = format!("{path}[{next}]");
            *next += 1;
            document.fields.insert(path.clone(), at);
            Some(path)
        }
        Some(Frame::Map { path, key }) => match key.take() {
            Some(key) => Some(key),
            None => {
                let name = scalar.unwrap_or_default();
                let field = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                document.fields.insert(field.clone(), at);
                *key = Some(field);
                None
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_and_what_is_missing_at_its_parent() {
        let text = "\
# first
kind: A
spec:
  pools:
    - name: x
      size: 1
    - {name: y}
---
---
kind: B
list: [1, 2]
";
        let documents = positions(text).expect("YAML");
        assert_eq!(documents.len(), 2);
        let cases = [
            (0, "kind", (2, 1)),
            (0, "spec.pools", (4, 3)),
            (0, "spec.pools[0].size", (6, 7)),
            (0, "spec.pools[1].name", (7, 8)),
            (0, "spec.pools[1].none", (7, 7)),
            (0, "spec.none[3].none", (3, 1)),
            (0, "none", (2, 1)),
            (1, "kind", (10, 1)),
            (1, "list[1]", (11, 11)),
        ];
        for (document, field, (line, column)) in cases {
            let found = documents[document].of(field);
            assert_eq!(found, Position { line, column }, "{field}");
        }
    }

    #[test]
    fn what_is_no_yaml_has_a_place() {
        let error = positions("a: [1, 2\nb: 3\n").expect_err("not YAML");
        assert_eq!(error.marker().line(), 2);
    }
}
