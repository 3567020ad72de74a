//! What an answer holds: one document, or a list whose objects are written as they are stored, so that a
//! long list is in memory once, as text. Pure.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;

use crate::kinds::Kind;
use crate::views;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    Document(Value),
    List(List),
}

/// Objects of a kind, as that kind shows them.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) kind: &'static Kind,
    pub(crate) metadata: Value,
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) metadata_only: bool,
}

impl Body {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Document(document) => document.to_string(),
            Self::List(list) => list.text(),
        }
    }
}

impl List {
    fn text(&self) -> String {
        let (version, kind) = match self.metadata_only {
            true => (views::METADATA_VERSION.to_owned(), views::METADATA_KIND),
            false => (self.kind.api_version(), self.kind.kind),
        };
        let metadata = &self.metadata;
        let mut text = format!(
            r#"{{"apiVersion":"{version}","kind":"{kind}List","metadata":{metadata},"items":["#
        );
        for (index, item) in self.items.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let shown = views::asked(self.kind, item, self.metadata_only);
            write!(text, "{comma}{shown}").expect("a text takes everything");
        }
        text.push_str("]}");
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_written_as_its_kind_is_shown() {
        let event = |name: &str| Arc::new(json!({"metadata": {"name": name}, "note": name}));
        let list = |metadata_only| {
            let body = Body::List(List {
                kind: Kind::of_path("", "v1", "events").expect("served"),
                metadata: json!({"resourceVersion": "7"}),
                items: vec![event("a"), event("b")],
                metadata_only,
            });
            serde_json::from_str::<Value>(&body.text()).expect("JSON")
        };
        let whole = list(false);
        assert_eq!(
            (&whole["kind"], &whole["apiVersion"]),
            (&json!("EventList"), &json!("v1"))
        );
        assert_eq!(whole["metadata"]["resourceVersion"], "7");
        assert_eq!(whole["items"][1]["message"], "b");
        let heads = list(true);
        assert_eq!(heads["kind"], "PartialObjectMetadataList");
        assert_eq!(heads["items"][1]["metadata"]["name"], "b");
        assert_eq!(heads["items"][1].get("message"), None);
    }
}
