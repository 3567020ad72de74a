//! Label and field selectors as they stand in a query. Pure.

use std::collections::{BTreeMap, BTreeSet};

use kube::core::{Expression, Selector, SelectorExt};
use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;
use crate::views;

/// Which objects of a kind are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) namespace: Option<String>,
    pub(crate) labels: Selector,
    pub(crate) fields: Vec<FieldIs>,
}

/// One condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldIs {
    path: String,
    value: String,
    negated: bool,
}

impl Selection {
    /// Whether it takes all objects of a namespace or of all.
    pub(crate) fn takes_all(&self) -> bool {
        self.labels.selects_all() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let in_namespace = |wanted: &String| metadata["namespace"] == wanted.as_str();
        if !self.namespace.as_ref().is_none_or(in_namespace) {
            return false;
        }
        if !self.fields.is_empty() && !self.matches_fields(object) {
            return false;
        }
        if self.labels.selects_all() {
            return true;
        }
        let labels = metadata["labels"].as_object();
        let labels: BTreeMap<String, String> = labels
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), text(value).to_owned()))
            .collect();
        self.labels.matches(&labels)
    }

    fn matches_fields(&self, object: &Value) -> bool {
        let seen = views::selectable(object);
        self.fields.iter().all(|field| field.holds(&seen))
    }
}

impl FieldIs {
    fn holds(&self, object: &Value) -> bool {
        let found = match object.pointer(&format!("/{}", self.path.replace('.', "/"))) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => match self.path.as_str() {
                "spec.unschedulable" | "spec.hostNetwork" => "false".to_owned(),
                _ => String::new(),
            },
            Some(other) => other.to_string(),
        };
        (found == self.value) != self.negated
    }
}

/// Reads `a=b,c!=d`.
pub(crate) fn fields(text: &str, kind: &Kind) -> Result<Vec<FieldIs>, Refusal> {
    let terms = text
        .split(',')
        .map(str::trim)
        .filter(|term| !term.is_empty());
    terms.map(|term| field(term, kind)).collect()
}

fn field(text: &str, kind: &Kind) -> Result<FieldIs, Refusal> {
    let separated = |separator| text.split_once(separator);
    let (path, value, negated) = if let Some((path, value)) = separated("!=") {
        (path, value, true)
    } else if let Some((path, value)) = separated("==").or_else(|| separated("=")) {
        (path, value, false)
    } else {
        let why = format!("invalid selector: '{text}'; can't understand '{text}'");
        return Err(Refusal::BadRequest(why));
    };
    let of_all = path == "metadata.name" || (path == "metadata.namespace" && kind.namespaced);
    if !of_all && !kind.selectable.contains(&path) {
        return Err(Refusal::BadRequest(format!(
            "field label not supported: {path}"
        )));
    }
    Ok(FieldIs {
        path: path.to_owned(),
        value: value.to_owned(),
        negated,
    })
}

/// Reads `a=b,c!=d,e,!f,g in (h,i),j notin (k)`.
pub(crate) fn labels(text: &str) -> Result<Selector, Refusal> {
    let mut expressions = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0 && *letter == ','
        });
        let (one, more) = match end {
            Some((at, _)) => (&rest[..at], rest[at + 1..].trim_start()),
            None => (rest, ""),
        };
        expressions.push(expression(one.trim())?);
        rest = more;
    }
    Ok(expressions.into_iter().collect())
}

fn expression(text: &str) -> Result<Expression, Refusal> {
    let own = |text: &str| text.trim().to_owned();
    let of = |separator: &str| text.split_once(separator);
    Ok(if let Some((key, values)) = of(" notin ") {
        Expression::NotIn(own(key), set(values)?)
    } else if let Some((key, values)) = of(" in ") {
        Expression::In(own(key), set(values)?)
    } else if let Some((key, value)) = of("!=") {
        Expression::NotEqual(own(key), own(value))
    } else if let Some((key, value)) = of("==").or_else(|| of("=")) {
        Expression::Equal(own(key), own(value))
    } else if let Some(key) = text.strip_prefix('!') {
        Expression::DoesNotExist(own(key))
    } else if text.contains([' ', '(', ')', '<', '>']) {
        return Err(unreadable(text));
    } else {
        Expression::Exists(own(text))
    })
}

fn set(text: &str) -> Result<BTreeSet<String>, Refusal> {
    let inner = text
        .trim()
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .ok_or_else(|| unreadable(text))?;
    Ok(inner.split(',').map(|one| one.trim().to_owned()).collect())
}

fn unreadable(text: &str) -> Refusal {
    Refusal::BadRequest(format!("unable to parse requirement: {text}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_selected_as_in_a_query() {
        let object = json!({"metadata": {"labels": {"a": "1", "b": "2"}}});
        for (text, expected) in [
            ("", true),
            ("a", true),
            ("c", false),
            ("!c", true),
            ("a=1,b==2", true),
            ("a=1,b!=2", false),
            ("a in (1,3),b notin (3, 4)", true),
            ("a in (2)", false),
        ] {
            let selection = Selection {
                labels: labels(text).expect("a selector"),
                ..Selection::default()
            };
            assert_eq!(selection.matches(&object), expected, "{text}");
        }
        assert!(labels("a b").is_err());
    }

    #[test]
    fn fields_are_selected_where_the_kind_allows_it() {
        let pods = Kind::named("Pod").expect("a served kind");
        let object = json!({"kind": "Pod", "metadata": {"name": "a", "namespace": "n"},
            "spec": {"nodeName": "one"}, "status": {"phase": "Running"}});
        for (text, expected) in [
            ("metadata.name=a", true),
            ("metadata.namespace==m", false),
            ("spec.nodeName=one,status.phase!=Failed", true),
            ("spec.nodeName!=one", false),
            ("status.podIP=", true),
            ("spec.hostNetwork=false", true),
        ] {
            let selection = Selection {
                fields: fields(text, pods).expect("a selector"),
                ..Selection::default()
            };
            assert_eq!(selection.matches(&object), expected, "{text}");
        }
        assert!(fields("spec.containers=a", pods).is_err());
        assert!(fields("metadata.name", pods).is_err());
    }
}
