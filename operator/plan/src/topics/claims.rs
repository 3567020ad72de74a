//! Two resources that want the same topic: one of them has it, and both are told.

use millrace_model::ObjectKey;
use millrace_types::Timestamp;

/// A resource that wants a topic of a cluster that admits it. A resource on its way out keeps its
/// claim until it is gone; one that is not managed has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    pub created: Timestamp,
    pub uid: String,
    pub key: ObjectKey,
}

/// Of all who want one topic, the one that has it: the oldest, then the one with the smallest uid,
/// so that everybody who looks sees the same.
#[must_use]
pub fn winner<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Option<&'a ObjectKey> {
    claims.into_iter().min().map(|claim| &claim.key)
}
