//! What stands in a query.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::script::Verb;
use crate::store::{Matching, Unknown};
use crate::validate::{Mistake, Reason};

pub(crate) struct Query {
    values: HashMap<String, String>,
}

impl Query {
    pub(crate) fn read(text: &str) -> Self {
        let values = form_urlencoded::parse(text.as_bytes());
        Self {
            values: values.into_owned().collect(),
        }
    }

    /// A value that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn revision(&self) -> Result<Option<u64>, Refusal> {
        let name = "resourceVersion";
        let read = |text: &str| {
            let why = format!("resourceVersion: Invalid value: {text:?}: it is not a number");
            text.parse().map_err(|_| Refusal::BadRequest(why))
        };
        self.text(name).map(read).transpose()
    }

    /// The version that a list names.
    pub(crate) fn matching(&self) -> Result<Option<(u64, Matching)>, Refusal> {
        let revision = self.revision()?;
        let field = "resourceVersionMatch";
        let forbidden = |detail: &str| {
            let mistake = Mistake::bare(Reason::Forbidden, field, detail);
            Err(invalid(mistake))
        };
        let matching = match self.text(field) {
            None => Matching::NotOlder,
            Some(_) if revision.is_none() => {
                return forbidden(
                    "resourceVersionMatch is forbidden unless resourceVersion is provided",
                );
            }
            Some(_) if self.text("continue").is_some() => {
                return forbidden("resourceVersionMatch is forbidden when continue is provided");
            }
            Some("NotOlderThan") => Matching::NotOlder,
            Some("Exact") if revision == Some(0) => {
                return forbidden(
                    "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"",
                );
            }
            Some("Exact") => Matching::Exact,
            Some(other) => {
                let detail = "supported values: \"Exact\", \"NotOlderThan\"";
                let mistake = Mistake::of(Reason::NotSupported, field, &other.into(), detail);
                return Err(invalid(mistake));
            }
        };
        if self.text("continue").is_some() && revision.is_some_and(|revision| revision > 0) {
            let why = "specifying resource version is not allowed when using continue";
            return Err(Refusal::BadRequest(why.to_owned()));
        }
        // A version that is shown with a limit is meant exactly, as it always was.
        let limited = self.number("limit").is_some_and(|limit| limit > 0);
        let silent = self.text(field).is_none();
        Ok(revision.filter(|revision| *revision > 0).map(|revision| {
            let exact = limited && silent;
            (revision, if exact { Matching::Exact } else { matching })
        }))
    }

    /// Whether a watch begins with what is there.
    pub(crate) fn initial_events(&self) -> Result<bool, Refusal> {
        if self.text("sendInitialEvents").is_none() {
            return Ok(false);
        }
        if self.text("resourceVersionMatch") != Some("NotOlderThan") {
            let detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            let mistake = Mistake::bare(Reason::Forbidden, "resourceVersionMatch", detail);
            return Err(invalid(mistake));
        }
        Ok(self.flag("sendInitialEvents"))
    }

    pub(crate) fn unknown(&self) -> Result<Unknown, Refusal> {
        match self.text("fieldValidation") {
            None | Some("Warn") => Ok(Unknown::Told),
            Some("Ignore") => Ok(Unknown::Dropped),
            Some("Strict") => Ok(Unknown::Refused),
            Some(other) => Err(Refusal::BadRequest(format!(
                "fieldValidation: Unsupported value: {other:?}: \
                 supported values: \"Ignore\", \"Strict\", \"Warn\""
            ))),
        }
    }

    /// Whether nothing is to be stored; deletions say so in their body too.
    pub(crate) fn dry_run(&self, body: &Value) -> Result<bool, Refusal> {
        let of_body = body["kind"] == "DeleteOptions" && body["dryRun"] == json!(["All"]);
        match self.text("dryRun") {
            None => Ok(of_body),
            Some("All") => Ok(true),
            Some(other) => Err(Refusal::BadRequest(format!(
                "dryRun: Unsupported value: {other:?}: supported values: \"All\""
            ))),
        }
    }

    /// Options of a deletion may stand in the query instead of a body.
    pub(crate) fn with_delete_options(&self, verb: Verb, body: Value) -> Value {
        if !matches!(verb, Verb::Delete | Verb::DeleteAll) || !body.is_null() {
            return body;
        }
        let mut options = json!({});
        if let Some(policy) = self.text("propagationPolicy") {
            options["propagationPolicy"] = policy.into();
        }
        if let Some(seconds) = self.number("gracePeriodSeconds") {
            options["gracePeriodSeconds"] = seconds.into();
        }
        options
    }
}

fn invalid(mistake: Mistake) -> Refusal {
    Refusal::InvalidOptions {
        of: "ListOptions",
        mistakes: vec![mistake],
    }
}
