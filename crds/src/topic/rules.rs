//! What the API server refuses of a KafkaTopic, as rules in CEL.

use kube::core::{Reason, Rule};

/// Topics that the broker keeps for itself: a resource could delete them.
const INTERNAL_TOPICS: &str = "['__consumer_offsets', '__transaction_state', \
                               '__share_group_state', '__cluster_metadata']";

pub(crate) fn name_stays() -> Rule {
    Rule::new(
        "(has(self.spec.topicName) ? self.spec.topicName : self.metadata.name) == \
         (has(oldSelf.spec.topicName) ? oldSelf.spec.topicName : oldSelf.metadata.name)",
    )
    .message("topicName is immutable: Kafka cannot rename a topic")
    .reason(Reason::FieldValueForbidden)
    .field_path(".spec.topicName")
}

/// What else Kafka asks of a name holds for every name of a resource.
pub(crate) fn own_name_is_legal() -> Rule {
    Rule::new("has(self.spec.topicName) || self.metadata.name.size() <= 249")
        .message("without topicName, metadata.name must have at most 249 characters")
}

pub(crate) fn name_is_legal() -> Rule {
    Rule::new("self != '.' && self != '..'").message("a topic cannot be named . or ..")
}

pub(crate) fn name_is_not_internal() -> Rule {
    Rule::new(format!("!(self in {INTERNAL_TOPICS})"))
        .message("internal topics belong to the broker")
        .reason(Reason::FieldValueForbidden)
}

pub(crate) fn cluster_stays() -> Rule {
    Rule::new("self == oldSelf")
        .message("clusterRef is immutable: a topic cannot move to another cluster")
        .reason(Reason::FieldValueForbidden)
}

pub(crate) fn partitions_never_fewer() -> Rule {
    Rule::new("self >= oldSelf")
        .message("partitions can become more, never fewer")
        .reason(Reason::FieldValueForbidden)
}

/// What has a field of its own would have two values.
pub(crate) fn said_once() -> Rule {
    let terms = [
        (
            "has(self.retention) && has(self.retention.time)",
            "retention.ms",
        ),
        (
            "has(self.retention) && has(self.retention.bytes)",
            "retention.bytes",
        ),
        ("has(self.cleanupPolicy)", "cleanup.policy"),
    ]
    .map(|(field, key)| format!("({field} && '{key}' in self.config)"));
    Rule::new(format!("!has(self.config) || !({})", terms.join(" || ")))
        .message("what retention and cleanupPolicy say must not stand in config too")
        .field_path(".config")
}
