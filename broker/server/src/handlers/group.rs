//! What the handlers of group APIs share.

use std::sync::Arc;

use millrace_coordinator::GroupResponse;
use millrace_types::{ErrorCode, Uuid};

use crate::call::Call;

/// The coordinator answered another question than it was asked: a mistake of ours.
pub(super) fn mismatch<R: Default>(response: &GroupResponse) -> R {
    tracing::error!(
        ?response,
        "the coordinator's answer does not fit the question"
    );
    R::default()
}

/// The name behind a topic id, where requests have ids; the name they have otherwise.
pub(super) fn topic_name(call: &Call, by_id: bool, name: &Arc<str>, id: Uuid) -> Option<Arc<str>> {
    if !by_id {
        return Some(Arc::clone(name));
    }
    call.context
        .image
        .load()
        .topics
        .get_by_id(id)
        .map(|topic| Arc::clone(&topic.name))
}

/// Notes an error that an answer carries.
pub(super) fn note(call: &Call, code: i16) {
    match ErrorCode::from_code(code) {
        ErrorCode::None => {}
        code => call.context.metrics.requests.failed(call.key, code),
    }
}
