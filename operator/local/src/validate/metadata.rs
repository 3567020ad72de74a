//! Names, labels, annotations, owners and finalizers.

use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::validate::mistake::{Mistake, Reason};

/// Bytes of all annotations of one object.
const ANNOTATIONS_MOST: usize = 256 * 1024;
const LABEL_MOST: usize = 63;
const SUBDOMAIN_MOST: usize = 253;

/// Finalizers of the API server's own: dependents stay, or go first.
pub(crate) const ORPHAN: &str = "orphan";
pub(crate) const FOREGROUND: &str = "foregroundDeletion";

/// What a kind's names must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameRule {
    Subdomain,
    /// One label, as Namespaces have.
    Label,
    /// One label that begins with a letter, as Services have.
    LetterLabel,
}

fn name_rule(kind: &Kind) -> NameRule {
    match kind.kind {
        "Service" => NameRule::LetterLabel,
        "Namespace" => NameRule::Label,
        _ => NameRule::Subdomain,
    }
}

impl NameRule {
    /// Why it is no such name.
    fn objection(self, name: &str) -> Option<String> {
        let (wanted, most, fits) = match self {
            Self::Subdomain => (
                "lower case letters, digits, '-' and '.', the first and last of each label \
                 alphanumeric (RFC 1123 subdomain)",
                SUBDOMAIN_MOST,
                is_subdomain(name),
            ),
            Self::Label => (
                "lower case letters, digits and '-', the first and last alphanumeric (RFC 1123 label)",
                LABEL_MOST,
                is_label(name),
            ),
            Self::LetterLabel => (
                "lower case letters, digits and '-', the first a letter, the last alphanumeric \
                 (RFC 1035 label)",
                LABEL_MOST,
                is_label(name) && !name.starts_with(|first: char| first.is_ascii_digit()),
            ),
        };
        if name.len() > most {
            return Some(format!("must be no more than {most} bytes"));
        }
        (!fits).then(|| format!("must consist of {wanted}"))
    }
}

/// What is wrong with an object's metadata.
pub(crate) fn check_metadata(kind: &Kind, object: &Value) -> Vec<Mistake> {
    let metadata = &object["metadata"];
    let mut mistakes = Vec::new();
    let name = text(&metadata["name"]);
    if name.is_empty() {
        let detail = "name or generateName is required";
        mistakes.push(Mistake::bare(Reason::Required, "metadata.name", detail));
    } else if let Some(objection) = name_rule(kind).objection(name) {
        mistakes.push(Mistake::of(
            Reason::Invalid,
            "metadata.name",
            &name.into(),
            &objection,
        ));
    }
    check_labels(metadata, &mut mistakes);
    check_annotations(metadata, &mut mistakes);
    check_owners(metadata, &mut mistakes);
    check_finalizers(kind, metadata, &mut mistakes);
    mistakes
}

fn check_labels(metadata: &Value, mistakes: &mut Vec<Mistake>) {
    let mut add = |value: &Value, objection: &str| {
        mistakes.push(Mistake::of(
            Reason::Invalid,
            "metadata.labels",
            value,
            objection,
        ));
    };
    for (key, value) in metadata["labels"].as_object().into_iter().flatten() {
        if let Some(objection) = qualified(key) {
            add(&key.as_str().into(), &objection);
        }
        let label = text(value);
        if label.len() > LABEL_MOST {
            add(value, &format!("must be no more than {LABEL_MOST} bytes"));
        } else if !label.is_empty() && !is_name_part(label) {
            add(
                value,
                "must be empty or begin and end with a letter or digit, with '-', '_' and '.' between",
            );
        }
    }
}

fn check_annotations(metadata: &Value, mistakes: &mut Vec<Mistake>) {
    let field = "metadata.annotations";
    let mut size = 0;
    for (key, value) in metadata["annotations"].as_object().into_iter().flatten() {
        size += key.len() + text(value).len();
        if let Some(objection) = qualified(&key.to_lowercase()) {
            mistakes.push(Mistake::of(
                Reason::Invalid,
                field,
                &key.as_str().into(),
                &objection,
            ));
        }
    }
    if size > ANNOTATIONS_MOST {
        let detail = format!("may not be more than {ANNOTATIONS_MOST} bytes");
        mistakes.push(Mistake::bare(Reason::TooLong, field, &detail));
    }
}

fn check_owners(metadata: &Value, mistakes: &mut Vec<Mistake>) {
    let owners = metadata["ownerReferences"].as_array();
    for owner in owners.into_iter().flatten() {
        for field in ["apiVersion", "kind", "name", "uid"] {
            if owner[field].as_str().is_none_or(str::is_empty) {
                let at = format!("metadata.ownerReferences.{field}");
                let empty = Value::from("");
                mistakes.push(Mistake::of(
                    Reason::Invalid,
                    &at,
                    &empty,
                    "must not be empty",
                ));
            }
        }
    }
    let controllers = owners.into_iter().flatten();
    let controllers = controllers
        .filter(|owner| owner["controller"] == true)
        .count();
    if controllers > 1 {
        let detail = "only one reference can have controller set to true";
        let value = &metadata["ownerReferences"];
        mistakes.push(Mistake::of(
            Reason::Invalid,
            "metadata.ownerReferences",
            value,
            detail,
        ));
    }
}

fn check_finalizers(kind: &Kind, metadata: &Value, mistakes: &mut Vec<Mistake>) {
    let field = "metadata.finalizers";
    let names = metadata["finalizers"].as_array();
    let names: Vec<&str> = names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (index, name) in names.iter().enumerate() {
        let value = Value::from(*name);
        if let Some(objection) = qualified(name) {
            mistakes.push(Mistake::of(Reason::Invalid, field, &value, &objection));
        }
        let standard = [ORPHAN, FOREGROUND, "kubernetes"].contains(name);
        if kind.group.is_empty() && !name.contains('/') && !standard {
            let at = format!("{field}[{index}]");
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            mistakes.push(Mistake::of(Reason::Invalid, &at, &value, detail));
        }
    }
    if names.contains(&ORPHAN) && names.contains(&FOREGROUND) {
        let detail = format!("finalizer {ORPHAN} and {FOREGROUND} cannot be both set");
        mistakes.push(Mistake::of(
            Reason::Invalid,
            field,
            &metadata["finalizers"],
            &detail,
        ));
    }
}

/// Why this is no name with an optional DNS prefix.
fn qualified(key: &str) -> Option<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if prefix.is_some_and(|prefix| prefix.len() > SUBDOMAIN_MOST || !is_subdomain(prefix)) {
        return Some("prefix part must be an RFC 1123 subdomain".to_owned());
    }
    if name.is_empty() {
        return Some("name part must be non-empty".to_owned());
    }
    if name.len() > LABEL_MOST {
        return Some(format!("name part must be no more than {LABEL_MOST} bytes"));
    }
    (!is_name_part(name)).then(|| {
        "name part must begin and end with a letter or digit, with '-', '_' and '.' between"
            .to_owned()
    })
}

fn is_name_part(text: &str) -> bool {
    let inner = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
    let edge = |letter: Option<&u8>| letter.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.iter().copied().all(inner) && edge(bytes.first()) && edge(bytes.last())
}

fn is_label(text: &str) -> bool {
    let inner =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_and_labels_are_checked() {
        let kind = |name: &str| Kind::named(name).expect("a served kind");
        let cases = [
            ("ConfigMap", json!({"name": "a.b-c"}), vec![]),
            ("ConfigMap", json!({"name": "A"}), vec!["metadata.name"]),
            ("ConfigMap", json!({}), vec!["metadata.name"]),
            ("Service", json!({"name": "1a"}), vec!["metadata.name"]),
            ("Namespace", json!({"name": "a.b"}), vec!["metadata.name"]),
            ("Namespace", json!({"name": "1a"}), vec![]),
            (
                "Secret",
                json!({"name": "a", "labels": {"a/b": "c", "-": "d e"}}),
                vec!["metadata.labels"; 2],
            ),
            (
                "Secret",
                json!({"name": "a", "finalizers": ["x.y/z", ""]}),
                vec!["metadata.finalizers", "metadata.finalizers[1]"],
            ),
            (
                "Secret",
                json!({"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod",
                "name": "b"}]}),
                vec!["metadata.ownerReferences.uid"],
            ),
        ];
        for (name, metadata, expected) in cases {
            let object = json!({"metadata": metadata});
            let mistakes = check_metadata(kind(name), &object);
            let fields: Vec<&str> = mistakes
                .iter()
                .map(|mistake| mistake.field.as_str())
                .collect();
            assert_eq!(fields, expected, "{name} {object}");
        }
    }
}
