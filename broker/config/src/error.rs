//! What can be wrong with a configuration, said so that the reader can mend it.

use std::fmt;

use thiserror::Error;

use crate::properties::PropertiesError;
use crate::raw::Origin;

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("cannot read {file} as properties")]
    File {
        file: String,
        #[source]
        source: PropertiesError,
    },
    #[error("expected key=value, given {given:?}")]
    NotAnAssignment { given: String },
    /// Every bad setting at once.
    #[error("{} invalid {}:{}", problems.len(), if problems.len() == 1 { "setting" } else { "settings" }, Lines(problems))]
    Invalid { problems: Vec<Problem> },
}

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub key: String,
    /// Where it was said, and what; `None` when nothing was said, or must not be shown.
    pub origin: Option<Origin>,
    pub given: Option<String>,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        f.write_str(&self.key)?;
        if let Some(given) = &self.given {
            write!(f, "={given}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

struct Lines<'a>(&'a [Problem]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}
