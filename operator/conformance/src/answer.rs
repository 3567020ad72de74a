//! One answer, and what a check expects of it.

use anyhow::{Result, ensure};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) body: Value,
    pub(crate) warnings: Vec<String>,
}

impl Answer {
    /// The body of an answer that is no refusal.
    pub(crate) fn done(self) -> Result<Value> {
        ensure!(self.code < 300, "{}: {}", self.code, self.body);
        Ok(self.body)
    }

    /// The body of an answer with this code.
    pub(crate) fn with_code(self, code: u16) -> Result<Value> {
        ensure!(
            self.code == code,
            "{} instead of {code}: {}",
            self.code,
            self.body
        );
        Ok(self.body)
    }

    /// The `Status` of a refusal with this code and reason.
    pub(crate) fn refused(self, code: u16, reason: &str) -> Result<Value> {
        let body = self.with_code(code)?;
        ensure!(
            body["kind"] == "Status" && body["reason"] == reason,
            "not for {reason}: {body}"
        );
        Ok(body)
    }
}

/// Field and reason of every cause, in order of the fields.
pub(crate) fn causes(status: &Value) -> Vec<(String, String)> {
    let causes = status["details"]["causes"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let causes = causes.into_iter().flatten();
    let mut causes: Vec<(String, String)> = causes
        .map(|cause| (text(&cause["field"]), text(&cause["reason"])))
        .collect();
    causes.sort();
    causes
}

/// Two values must be the same.
pub(crate) fn same(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}:\nfound    {found}\nexpected {expected}"
    );
    Ok(())
}
