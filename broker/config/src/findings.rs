//! Gathers what is wrong, so that a user hears all of it at once.

use crate::error::{ConfigError, Problem};
use crate::raw::RawConfig;

pub(crate) struct Findings<'a> {
    raw: &'a RawConfig,
    problems: Vec<Problem>,
}

impl<'a> Findings<'a> {
    pub(crate) fn about(raw: &'a RawConfig) -> Self {
        let problems = Vec::new();
        Self { raw, problems }
    }

    pub(crate) fn refuse(&mut self, key: &str, reason: impl Into<String>) {
        self.problems.push(self.raw.problem(key, reason));
    }

    /// Whether the user said anything about the setting.
    pub(crate) fn was_said(&self, key: &str) -> bool {
        self.raw.get(key).is_some()
    }

    pub(crate) fn into_result(self) -> Result<(), ConfigError> {
        let problems = self.problems;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Invalid { problems })
        }
    }
}
