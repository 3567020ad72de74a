//! What is wrong with a resource, in words that tell its author what to do.

use std::fmt;

/// One thing that is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Such as `spec.listeners[1].port`.
    pub field: String,
    /// One word in CamelCase, for programs.
    pub reason: &'static str,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// What the author can do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.message, self.fix)
    }
}

/// A value that can be worked with, and what of the resource was left out of it and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved<T> {
    pub value: T,
    pub warnings: Vec<Problem>,
}

/// Reasons that more than one part has.
pub(crate) mod reason {
    pub(crate) const INVALID: &str = "InvalidValue";
    pub(crate) const DUPLICATE: &str = "Duplicate";
    pub(crate) const CONFLICT: &str = "ConflictingFields";
    pub(crate) const RESERVED: &str = "Reserved";
}

/// Collects everything that is wrong, so that its author hears of it at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    refused: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Findings {
    /// Nothing can be built while this stands.
    pub(crate) fn refuse(
        &mut self,
        field: impl Into<String>,
        reason: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.refused.push(problem(field, reason, message, fix));
    }

    /// This part is left out, and everything else goes on.
    pub(crate) fn warn(
        &mut self,
        field: impl Into<String>,
        reason: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.warnings.push(problem(field, reason, message, fix));
    }

    pub(crate) fn settle<T>(mut self, value: T) -> Result<Resolved<T>, Vec<Problem>> {
        if self.refused.is_empty() {
            let warnings = self.warnings;
            return Ok(Resolved { value, warnings });
        }
        self.refused.append(&mut self.warnings);
        Err(self.refused)
    }
}

fn problem(
    field: impl Into<String>,
    reason: &'static str,
    message: impl Into<String>,
    fix: impl Into<String>,
) -> Problem {
    Problem {
        field: field.into(),
        reason,
        message: message.into(),
        fix: fix.into(),
    }
}
