//! The one message that `kubectl` sends as protobuf and that has no other form there. Pure.

use serde_json::{Map, Value, json};

/// What Kubernetes puts before every message.
const MAGIC: &[u8] = b"k8s\0";

/// Numbers of fields, by message.
const RAW: u64 = 2;
const SPEC: u64 = 2;
const RESOURCE: u64 = 1;
const PATH: u64 = 2;
const RESOURCE_FIELDS: &[(u64, &str)] = &[
    (1, "namespace"),
    (2, "verb"),
    (3, "group"),
    (4, "version"),
    (5, "resource"),
    (6, "subresource"),
    (7, "name"),
];
const PATH_FIELDS: &[(u64, &str)] = &[(1, "path"), (2, "verb")];

/// The review as JSON; `None` for what is not one in this form.
pub(crate) fn review(body: &[u8]) -> Option<Value> {
    let raw = part(body.strip_prefix(MAGIC)?, RAW)?;
    let asked = part(raw, SPEC)?;
    let mut spec = Map::new();
    if let Some(resource) = part(asked, RESOURCE) {
        spec.insert(
            "resourceAttributes".to_owned(),
            texts(resource, RESOURCE_FIELDS),
        );
    }
    if let Some(path) = part(asked, PATH) {
        spec.insert("nonResourceAttributes".to_owned(), texts(path, PATH_FIELDS));
    }
    Some(json!({
        "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
        "metadata": {}, "spec": spec,
    }))
}

fn texts(message: &[u8], fields: &[(u64, &str)]) -> Value {
    let found = fields.iter().filter_map(|(number, name)| {
        let text = std::str::from_utf8(part(message, *number)?).ok()?;
        Some(((*name).to_owned(), Value::from(text)))
    });
    Value::Object(found.collect())
}

/// The bytes of a field that has a length.
fn part(mut message: &[u8], wanted: u64) -> Option<&[u8]> {
    while !message.is_empty() {
        let key = varint(&mut message)?;
        let length = match key & 7 {
            0 => {
                varint(&mut message)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut message)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, rest) = message.split_at_checked(length)?;
        if (key >> 3, key & 7) == (wanted, 2) {
            return Some(value);
        }
        message = rest;
    }
    None
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(value.len()).unwrap();
        [&[(number << 3) | 2, length][..], value].concat()
    }

    #[test]
    fn a_review_is_read() {
        let asked = [field(2, b"create"), field(5, b"pods")].concat();
        let raw = [field(1, b""), field(2, &field(1, &asked))].concat();
        let body = [MAGIC, &field(1, b"type"), &field(2, &raw)].concat();
        let review = review(&body).unwrap();
        let expected = json!({"verb": "create", "resource": "pods"});
        assert_eq!(review["spec"]["resourceAttributes"], expected);
    }

    #[test]
    fn what_is_cut_off_is_no_review() {
        let body = [MAGIC, &field(2, &field(2, &field(1, b"")))].concat();
        assert!(review(&body).is_some());
        for length in 0..body.len() {
            assert!(review(&body[..length]).is_none(), "{length}");
        }
        assert!(review(&[MAGIC, &[0xff; 20]].concat()).is_none());
    }
}
