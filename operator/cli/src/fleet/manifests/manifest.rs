//! One resource of a file, and where each of its fields stands there.

use serde_json::Value;

use crate::fleet::manifests::kinds::{KINDS, UserKind};
use crate::fleet::manifests::mistake::Mistake;
use crate::fleet::manifests::positions::Positions;

/// One resource as its author wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) file: String,
    pub(crate) positions: Positions,
    pub(crate) object: Value,
}

impl Manifest {
    pub(crate) fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    pub(crate) fn namespace(&self) -> &str {
        let said = self.object["metadata"]["namespace"].as_str();
        said.unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }

    pub(crate) fn user_kind(&self) -> Option<&'static UserKind> {
        KINDS.iter().find(|known| {
            known.kind == self.kind() && self.object["apiVersion"] == known.api_version
        })
    }

    /// Something is wrong with a field.
    pub(crate) fn mistake(
        &self,
        field: &str,
        reason: &str,
        message: String,
        fix: String,
    ) -> Mistake {
        Mistake {
            file: self.file.clone(),
            position: self.positions.of(field),
            field: field.to_owned(),
            reason: reason.to_owned(),
            message,
            fix,
        }
    }
}
