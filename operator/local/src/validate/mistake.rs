//! One mistake in one field.

use serde_json::{Value, json};

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Required,
    Invalid,
    TypeInvalid,
    NotSupported,
    Forbidden,
    Duplicate,
    TooLong,
    TooMany,
}

/// A mistake: where, of what kind, and what to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Such as `spec.listeners[0].port`.
    pub field: String,
    pub(crate) reason: Reason,
    /// Without the field.
    pub message: String,
}

impl Reason {
    const fn code(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::Duplicate => "FieldValueDuplicate",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Required => "Required value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::Duplicate => "Duplicate value",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
        }
    }
}

impl Mistake {
    /// A mistake that shows the value.
    pub(crate) fn of(reason: Reason, field: &str, value: &Value, detail: &str) -> Self {
        Self::showing(reason, field, &value.to_string(), detail)
    }

    /// A mistake that shows a value as it is written here.
    pub(crate) fn showing(reason: Reason, field: &str, value: &str, detail: &str) -> Self {
        let shown = format!("{}: {value}", reason.words());
        Self::new(reason, field, &shown, detail)
    }

    /// A mistake that does not show a value.
    pub(crate) fn bare(reason: Reason, field: &str, detail: &str) -> Self {
        Self::new(reason, field, reason.words(), detail)
    }

    fn new(reason: Reason, field: &str, shown: &str, detail: &str) -> Self {
        let separator = if detail.is_empty() { "" } else { ": " };
        Self {
            field: field.to_owned(),
            reason,
            message: format!("{shown}{separator}{detail}"),
        }
    }

    /// Rules could not be checked on a value of another shape than they expect.
    pub(crate) fn unchecked_rules() -> Self {
        let detail = "some validation rules were not checked because the object was invalid; \
            correct the existing errors to complete validation";
        Self::of(Reason::Invalid, ROOT, &Value::Null, detail)
    }

    pub(crate) const fn hides_rules(&self) -> bool {
        matches!(
            self.reason,
            Reason::NotSupported
                | Reason::Required
                | Reason::TooLong
                | Reason::TooMany
                | Reason::TypeInvalid
        )
    }

    /// As one of a status's causes.
    pub(crate) fn cause(&self) -> Value {
        json!({"reason": self.reason.code(), "message": self.message, "field": self.field})
    }
}

/// How messages name the object itself.
pub(crate) const ROOT: &str = "<nil>";
