//! Where an object is: its kind, namespace and name, in the order of lists.

use serde_json::Value;

use crate::json::text;
use crate::kinds::Kind;
use crate::refusal::Refusal;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) kind: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Place {
    pub(crate) fn new(kind: &Kind, namespace: &str, name: &str) -> Self {
        Self {
            kind: kind.kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Where an object says that it is.
    pub(crate) fn said_by(kind: &Kind, object: &Value) -> Self {
        let metadata = &object["metadata"];
        Self::new(kind, text(&metadata["namespace"]), text(&metadata["name"]))
    }

    /// What kind of object is there.
    pub(crate) fn of(&self) -> &'static Kind {
        Kind::named(self.kind).expect("only served kinds have places")
    }

    pub(crate) fn missing(&self) -> Refusal {
        Refusal::NotFound {
            kind: self.of(),
            name: self.name.clone(),
        }
    }
}
