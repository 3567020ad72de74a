//! How a write is meant, and what comes of it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::fields::Writer;

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Main,
    Status,
    Scale,
    /// Spec and status at once: what controllers inside the process do.
    Whole,
}

/// What becomes of fields that nobody declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    Dropped,
    Told,
    Refused,
}

/// The terms of a write.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) by: Writer,
    pub(crate) part: Part,
    pub(crate) now: Timestamp,
    /// Everything is done but the storing.
    pub(crate) dry_run: bool,
    pub(crate) unknown: Unknown,
    /// Whoever writes knows what they do: nothing is checked.
    pub(crate) trusted: bool,
}

/// What a write came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) object: Arc<Value>,
    pub(crate) created: bool,
    pub(crate) warnings: Vec<String>,
}
