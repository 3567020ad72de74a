//! Why bytes are no message, and why a message cannot be bytes.

use thiserror::Error;

/// The bytes do not hold what they should. Never worth a retry: the sender is broken or hostile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{problem}, at byte {offset} of {within}")]
pub struct DecodeError {
    pub problem: DecodeProblem,
    /// Counted from the start of what was given to the decoder.
    pub offset: usize,
    /// The innermost structure that was being read; empty when that is not known.
    pub within: &'static str,
}

#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecodeProblem {
    #[error("{wanted} bytes wanted, {left} left")]
    Truncated { wanted: usize, left: usize },
    #[error("a length of {0}")]
    Length(i64),
    #[error("null where it is not allowed")]
    Null,
    #[error("{count} elements announced, {left} bytes left")]
    Count { count: usize, left: usize },
    #[error("more than {limit} bytes of memory needed")]
    Memory { limit: usize },
    #[error("a varint of more than 32 bits")]
    Varint,
    #[error("a string that is not UTF-8")]
    Utf8,
    #[error("a tagged field that fills {used} of its {announced} bytes")]
    TaggedSize { announced: usize, used: usize },
    #[error("{0} bytes behind the end")]
    Trailing(usize),
    #[error("version {0} is not known")]
    Version(i16),
    #[error("api key {0} is not known")]
    ApiKey(i16),
}

impl DecodeError {
    /// Names the structure, unless a structure inside it did already.
    #[must_use]
    pub(crate) fn within(mut self, type_name: &'static str) -> Self {
        if self.within.is_empty() {
            self.within = type_name.rsplit("::").next().unwrap_or(type_name);
        }
        self
    }
}

/// The value has no form on the wire in the version that was asked for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EncodeError {
    #[error("{message} has no version {version}")]
    Version { message: &'static str, version: i16 },
    #[error("version {version} of {message} cannot carry {field}")]
    CannotCarry {
        message: &'static str,
        version: i16,
        field: &'static str,
    },
    #[error("{field} of {message} cannot be null in version {version}")]
    CannotBeNull {
        message: &'static str,
        version: i16,
        field: &'static str,
    },
    #[error("records of {message} that are not in memory, for a message in one piece")]
    NotInMemory { message: &'static str },
    #[error("a string of {0} bytes")]
    StringTooLong(usize),
    #[error("{0} elements or bytes, more than a length field can say")]
    TooLong(usize),
}
