//! Label selectors as they stand in a query. Pure.

use std::collections::BTreeMap;

use kube::core::{Expression, Selector, SelectorExt};
use serde_json::Value;

use crate::refusal::Refusal;

/// Which objects of a kind are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub(crate) namespace: Option<String>,
    pub(crate) labels: Selector,
    pub(crate) name: Option<String>,
}

impl Selection {
    pub(crate) fn matches(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let is = |wanted: &Option<String>, field: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| metadata[field].as_str().unwrap_or_default() == wanted)
        };
        if !is(&self.namespace, "namespace") || !is(&self.name, "name") {
            return false;
        }
        if self.labels.selects_all() {
            return true;
        }
        let labels = metadata["labels"].as_object();
        let labels: BTreeMap<String, String> = labels
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        self.labels.matches(&labels)
    }
}

/// Reads `a=b,c!=d,e,!f,g in (h,i),j notin (k)`.
pub(crate) fn parse(text: &str) -> Result<Selector, Refusal> {
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
    } else {
        Expression::Exists(own(text))
    })
}

fn set(text: &str) -> Result<std::collections::BTreeSet<String>, Refusal> {
    let inner = text
        .trim()
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .ok_or_else(|| Refusal::BadRequest(format!("unable to parse requirement: {text}")))?;
    Ok(inner.split(',').map(|one| one.trim().to_owned()).collect())
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
            let labels = parse(text).expect("a selector");
            let selection = Selection {
                labels,
                ..Selection::default()
            };
            assert_eq!(selection.matches(&object), expected, "{text}");
        }
    }
}
