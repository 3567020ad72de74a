//! One answer, and what a check expects of it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

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

/// A text; empty where there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Field and reason of every cause, in order of the fields.
pub(crate) fn causes(status: &Value) -> Vec<(String, String)> {
    let causes = status["details"]["causes"].as_array();
    let causes = causes.into_iter().flatten();
    let mut causes: Vec<(String, String)> = causes
        .map(|cause| {
            (
                text(&cause["field"]).to_owned(),
                text(&cause["reason"]).to_owned(),
            )
        })
        .collect();
    causes.sort();
    causes
}

/// What each manager owns: operation, name and subresource with fields, in the order that is shown.
pub(crate) fn owners(object: &Value) -> Value {
    let entries = object["metadata"]["managedFields"].as_array().cloned();
    let entries = entries.unwrap_or_default().into_iter();
    entries
        .map(|entry| {
            let who = [
                &entry["operation"],
                &entry["manager"],
                &entry["subresource"],
            ]
            .map(text);
            json!([who.join(" ").trim(), entry["fieldsV1"]])
        })
        .collect()
}

/// The same in the order of the names, where the order that is shown depends on the clock.
pub(crate) fn owners_by_name(object: &Value) -> Value {
    let mut owners = owners(object);
    if let Some(owners) = owners.as_array_mut() {
        owners.sort_by_key(|entry| entry[0].to_string());
    }
    owners
}

/// Two values must be the same.
pub(crate) fn same(what: &str, found: &Value, expected: &Value) -> Result<()> {
    ensure!(
        found == expected,
        "{what}:\nfound    {found}\nexpected {expected}"
    );
    Ok(())
}
