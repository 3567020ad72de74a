//! A mistake in a file, as its author is told: where, what, why, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_yaml::granit_parser::ScanError;

use crate::fleet::manifests::positions::Position;

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Mistake {
    pub(crate) file: String,
    #[serde(flatten)]
    pub(crate) position: Position,
    /// Such as `spec.listeners[1].port`; empty for the file as a whole.
    pub(crate) field: String,
    /// One word in CamelCase, for programs.
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) fix: String,
}

impl Mistake {
    pub(crate) fn of_file(file: &str, error: &std::io::Error) -> Self {
        Self::whole(
            file,
            Position::default(),
            "Unreadable",
            error.to_string(),
            "name a file with resources",
        )
    }

    pub(crate) fn of_syntax(file: &str, error: &ScanError) -> Self {
        let at = Position {
            line: error.marker().line(),
            column: error.marker().col() + 1,
        };
        Self::whole(file, at, "Syntax", error.info(), "write it as YAML")
    }

    pub(crate) fn of_yaml(file: &str, error: &serde_yaml::Error) -> Self {
        let error = error.without_snippet();
        let at = error.location().map(|location| Position {
            line: usize::try_from(location.line()).unwrap_or_default(),
            column: usize::try_from(location.column()).unwrap_or_default(),
        });
        let at = at.unwrap_or_default();
        if let serde_yaml::Error::DuplicateMappingKey { key, .. } = error {
            let key = key.as_deref().unwrap_or("a field");
            let message = format!("{key} stands here for the second time");
            return Self::whole(file, at, "Duplicate", message, "remove one of the two");
        }
        Self::whole(file, at, "Syntax", error.to_string(), "write it as YAML")
    }

    fn whole(file: &str, position: Position, reason: &str, message: String, fix: &str) -> Self {
        Self {
            file: file.to_owned(),
            position,
            field: String::new(),
            reason: reason.to_owned(),
            message,
            fix: fix.to_owned(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.position != Position::default() {
            write!(f, ":{}:{}", self.position.line, self.position.column)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}\n    {}", self.message, self.fix)
    }
}
