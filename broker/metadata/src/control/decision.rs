//! What a decision says: records and a response, or for a part of the request why not.

use std::sync::Arc;

use millrace_types::ErrorCode;

use crate::record::MetadataRecord;

/// Most partitions that one request may make, as in Kafka.
pub const MAX_PARTITIONS_PER_REQUEST: usize = 10_000;

/// What a client reads that asked for more.
pub(crate) const TOO_MANY_PARTITIONS: &str = "Excessively large number of partitions per request.";

/// What was decided: the records, to be committed all or none, and the response that they earn.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<R> {
    pub records: Vec<MetadataRecord>,
    pub response: R,
}

impl<R> Decision<R> {
    /// An answer that changes nothing.
    pub fn answer(response: R) -> Self {
        Self {
            records: Vec::new(),
            response,
        }
    }
}

/// Why a part of a request is not done, as the client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub error: ErrorCode,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            error,
            message: message.into(),
        }
    }

    /// Error code and message of a reply: none when nothing was refused.
    pub(crate) fn reply(refusal: Option<&Self>) -> (i16, Option<Arc<str>>) {
        match refusal {
            Some(refusal) => (refusal.error.code(), Some(refusal.message.as_str().into())),
            None => (ErrorCode::None.code(), None),
        }
    }
}
