//! What an object must be before it is stored: every mistake of it at once, as the API server finds
//! them. Pure.

mod metadata;
mod mistake;
mod rules;
mod structure;
mod unique;

use serde_json::Value;

use crate::kinds::Kind;
use crate::schema::Schema;

pub(crate) use metadata::{FOREGROUND, ORPHAN, check_metadata};
pub use mistake::Mistake;
pub(crate) use mistake::Reason;

/// What is wrong with an object of the project's own kinds. What an update leaves as it was is taken
/// as it is.
pub(crate) fn check_custom(kind: &Kind, new: &Value, old: Option<&Value>) -> Vec<Mistake> {
    let schema = Schema::of(kind);
    let mut mistakes = structure::check(new, old, schema);
    mistakes.extend(unique::check(new, schema));
    if mistakes.iter().any(Mistake::hides_rules) {
        mistakes.push(Mistake::unchecked_rules());
    } else {
        mistakes.extend(rules::check(kind, new, old));
    }
    mistakes
}
